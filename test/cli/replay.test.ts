import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderWith, LOCAL, type Ended, type Folder } from './support.ts'

/** A change, its handler, a rescue, an ignored failure and a failure; nothing outside the folder of the test is touched. */
const TOUR = `import { block, command, file, groups, handler, play, playbook, role, sh } from 'ts-play'
const { web } = groups('web')
const reload = handler('reload', command({ name: 'reload', run: sh\`true\` }))
const tour = role('tour', {
  tasks: ({ host }) => [
    file({ path: \`\${process.cwd()}/\${host.name}.txt\`, mode: 0o600, content: 'one\\n' }, { notify: [reload] }),
    block({ tasks: [command({ name: 'try', run: sh\`false\` })], rescue: [command({ name: 'mend', run: sh\`true\` })] }),
    command({ name: 'may fail', run: sh\`exit 3\` }, { ignoreErrors: 'known to' }),
    command({ name: 'end', run: sh\`test \${host.name} = a\` }),
  ],
})
export default playbook('tour', [play(tour, { hosts: web })])
`

let folder: Folder
let ran: Ended
beforeAll(async () => {
  folder = await folderWith({ 'tour.ts': TOUR, 'inventory.yaml': LOCAL })
  ran = await folder.run('tour.ts -i inventory.yaml -o plain --diff -v --record run.jsonl --seed 1')
}, 60_000)
afterAll(() => folder?.[Symbol.asyncDispose]())

describe('--replay', () => {
  test('shows a recorded run as it was shown', async () => {
    expect(ran).toMatchObject({ code: 1, stderr: '' })
    expect(ran.stdout).toContain('RECAP')
    expect(await folder.run('--replay run.jsonl -o plain --diff -v')).toEqual({ ...ran, code: 0 })
  })

  test('reads a pipe, which is no terminal, so that it is plain unless said otherwise', async () => {
    expect(await folder.run('--replay - --diff -v', { stdin: await readFile(join(folder.path, 'run.jsonl'), 'utf8') })).toEqual({ ...ran, code: 0 })
  })

  test('shows it in every other view', async () => {
    expect(await folder.run('--replay run.jsonl -o json')).toEqual({ code: 0, stdout: await readFile(join(folder.path, 'run.jsonl'), 'utf8'), stderr: '' })
    expect((await folder.run('--replay run.jsonl -o tree')).stdout).toMatch(/tour +2\/2[^]*RECAP/)
  })

  test('of a check with a profile shows the same critical path', async () => {
    const checked = await folder.run('tour.ts -i inventory.yaml --check -o plain --profile --record check.jsonl --seed 1')
    const again = await folder.run('--replay check.jsonl -o plain --profile')
    expect(again.stdout).toBe(checked.stdout)
    expect(again.stdout).toContain('PROFILE')
  })

  test('writes the reports that the run would have written, for nobody else to read', async () => {
    await folder.run('tour.ts -i inventory.yaml -o plain --record again.jsonl --report then.xml --report then.html')
    await folder.run('--replay again.jsonl -o plain --report now.xml --report now.html')
    const read = (name: string): Promise<string> => readFile(join(folder.path, name), 'utf8')
    expect(await read('now.xml')).toBe(await read('then.xml'))
    expect(await read('then.xml')).toMatch(/<testsuite name="tour@b" [^]*<failure type="apply-failed"/)
    expect(await read('then.html')).toMatch(/<h2>Failures<\/h2>[^]*<h2>Hosts<\/h2>/)
    expect((await stat(join(folder.path, 'then.html'))).mode & 0o777).toBe(0o600)
  })

  test.each([
    ['--replay run.jsonl --report results.txt', 64, 'error: --report results.txt: a report is a page to read (.html) or JUnit results (.xml), told by the end of its name\n'],
    ['--replay run.jsonl --report nowhere/results.xml', 73, 'error: --report nowhere/results.xml: ENOENT'],
    ['tour.ts -i inventory.yaml --report nowhere/results.xml', 73, 'error: --report nowhere/results.xml: ENOENT'],
    ['--replay nothing.jsonl', 66, 'error: --replay nothing.jsonl: ENOENT'],
    ['--replay inventory.yaml', 65, 'error: inventory.yaml:1: not JSON; a recording that was cut off ends like this\n  a recording is what --record FILE writes, one event a line\n'],
    ['tour.ts --replay run.jsonl', 64, 'error: --replay shows a run that was: it takes no playbook\n'],
  ])('%s: exit code %i', async (words, code, said) => {
    const ended = await folder.run(words)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain(said)
  })
})
