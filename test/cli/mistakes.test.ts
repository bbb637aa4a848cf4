import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderWith, LOCAL, SITE, type Folder } from './support.ts'

const COMPILER = '  the compiler tells more: npx tsc --noEmit\n'
const broken = (from: string, to: string): string => SITE.replace(from, to)

let folder: Folder
beforeAll(async () => {
  folder = await folderWith({
    'inventory.yaml': LOCAL,
    'site.ts': SITE,
    'imports-broken.ts': "import './roles/broken.ts'\nexport default 1\n",
    'roles/broken.ts': 'export const a = 1\nexport const b: = 2\n',
  })
})
afterAll(() => folder?.[Symbol.asyncDispose]())

describe('a playbook that cannot be loaded ends with 65 and names the place:', () => {
  test.each([
    ['that does not exist', 'nowhere.ts', undefined, 'error: nowhere.ts: no such playbook\n  the first argument is a TypeScript file, for example playbooks/ha.ts\n'],
    ['that is a folder', 'roles', undefined, 'error: roles: is no file\n  the first argument is a TypeScript file, for example playbooks/ha.ts\n'],
    ['with a syntax error', 'syntax.ts', broken('[play(', '[[play('), `error: syntax.ts:7:62: the playbook could not be loaded: Expected ',', got ')'\n  export default playbook('site', [[play(motd, { hosts: web })])\n  ${' '.repeat(61)}~\n${COMPILER}`],
    ['with a syntax error in what it imports', 'imports-broken.ts', undefined, /^error: roles\/broken\.ts:2:17: the playbook could not be loaded: .*\n {2}export const b: = 2\n {18}~\n/],
    ['without a default export', 'nothing.ts', broken('export default', 'export const site ='), "error: nothing.ts: there is no default export: it has to be the playbook\n  end the file with: export default playbook('name', [plays])\n"],
    ['whose default export is something else', 'five.ts', 'export default 5\n', "error: five.ts: the default export is not a playbook\n  end the file with: export default playbook('name', [plays])\n"],
    ['that imports a package that is not there', 'package.ts', broken("'ts-play'", "'ts-plya'"), /^error: package\.ts:1:63: the playbook could not be loaded: there is no package ts-plya\n/],
    ['that imports a file that is not there', 'file.ts', "import './roles/nope.ts'\n", /^error: file\.ts:1:17: the playbook could not be loaded: there is no file .*\/roles\/nope\.ts\n/],
    ['that imports a name that is not there', 'name.ts', broken('command, groups', 'commando, groups'), /^error: name\.ts:1:10: the playbook could not be loaded: .*does not provide an export named 'commando'\n/],
    ['with syntax that has to be compiled', 'enum.ts', `\nenum Colour { red }\n${SITE}`, /^error: enum\.ts:2:1: .*enum is not supported.*\n.*\n.*\n {2}Node leaves types out and runs the rest: /],
    ['that throws', 'throws.ts', "\nthrow new Error('not today')\n", `error: throws.ts:2:7: the playbook could not be loaded: not today\n${COMPILER}`],
    ['that waits for ever', 'waits.ts', 'await new Promise(() => {})\n', `error: waits.ts: the playbook could not be loaded: it waits (top-level \`await\`) for something that never comes\n${COMPILER}`],
    ['for a group that the inventory lacks', 'group.ts', broken("groups('web')", "groups('wbe')").replaceAll('web', 'wbe'), 'error: group.ts:7:1: play motd: no group `wbe` in the inventory\n  did you mean `web`?\n'],
  ])('%s', async (_, name, text, said) => {
    if (text !== undefined) await folder.write({ [name]: text })
    const { code, stdout, stderr } = await folder.run(`${name} -i inventory.yaml`)
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' })
    if (typeof said === 'string') expect(stderr).toBe(said)
    else expect(stderr).toMatch(said)
  })
})

describe('an inventory', () => {
  test('that does not exist', async () => {
    expect(await folder.run('site.ts -i prod.yaml')).toEqual({ code: 65, stdout: '', stderr: 'error: prod.yaml: no such file\n' })
  })
  test('without the group of a play', async () => {
    await folder.write({ 'no-web.yaml': 'all:\n  children:\n    webs: { hosts: { a: } }\n' })
    expect(await folder.run('site.ts -i no-web.yaml')).toEqual({ code: 65, stdout: '', stderr: 'error: site.ts:7:1: play motd: no group `web` in the inventory\n  did you mean `webs`?\n' })
  })
  test('with a typing mistake in an optional variable: a warning with its line, and what was probably meant', async () => {
    await folder.write({ 'typo.yaml': `${LOCAL}`.replace('ansible_connection: local', 'ansible_connection: local, greting: hi') })
    const { code, stdout, stderr } = await folder.run('site.ts -i typo.yaml --list-hosts')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'playbook: site\nplay #1 motd\n  a\n  b\n' })
    expect(stderr).toBe('warning: typo.yaml:2:38: no role of this playbook declares `greting`\n    vars: { ansible_connection: local, greting: hi }\n                                       ~~~~~~~\n  did you mean `greeting`?\n')
  })
  test('with a typing mistake in a variable that has to be there: an error with its line, and what was probably meant', async () => {
    await folder.write({ 'needs.ts': broken(".default('hello')", ''), 'typo.yaml': LOCAL.replace('ansible_connection: local', 'ansible_connection: local, greting: hi') })
    const { code, stderr } = await folder.run('needs.ts -i typo.yaml')
    expect(code).toBe(65)
    expect(stderr).toContain('error: typo.yaml:2:38: `greeting` (text) is not set for hosts a, b (role motd)')
    expect(stderr).toContain('`greting` is set: did you mean `greeting`?')
    expect(stderr).not.toContain('warning')
  })
  test('with a value of the wrong kind', async () => {
    await folder.write({ 'kind.yaml': LOCAL.replace('ansible_connection: local', 'ansible_connection: local, greeting: 5') })
    const { code, stderr } = await folder.run('site.ts -i kind.yaml')
    expect(code).toBe(65)
    expect(stderr).toMatch(/^error: kind\.yaml:2:\d+: .*greeting.*\n/)
  })
})

describe('a --limit', () => {
  test.each([
    ['mailer', 'error: --limit: no host and no group `mailer` in the inventory\n  its groups are all, web, db\n'],
    ['dbs', 'error: --limit: no host and no group `dbs` in the inventory\n  did you mean `db`?\n'],
    ['web:&db', 'error: --limit: `web:&db` matches no host\n  its parts do, but not together\n'],
    ['web:', 'error: --limit: empty part in `web:`\n  an empty limit never means all hosts: write `all` for that, or leave --limit out\n'],
    ['x*', 'error: --limit: `x*` matches no host\n  the group is empty, or no name looks like this\n'],
  ])('of %j is refused, and never means all hosts', async (pattern, said) => {
    expect(await folder.run(['site.ts', '-i', 'inventory.yaml', '-l', pattern])).toEqual({ code: 65, stdout: '', stderr: said })
  })
})

describe('a tag', () => {
  test('that looks like a play’s is told before the run', async () => {
    const { code, stderr } = await folder.run('site.ts -i inventory.yaml --skip-tags mtod --list-tags')
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'warning: --skip-tags: no play has the tag `mtod`, so it is looked for among tasks\n  did you mean `motd`?\n' })
  })
  test('that neither plays nor tasks have is told after it', async () => {
    const { code, stderr } = await folder.run('site.ts -i inventory.yaml --tags nonsense')
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'warning: no play and no task on these hosts has the tag `nonsense`: nothing was looked at\n  --list-tasks shows tasks with their tags\n' })
  })
})
