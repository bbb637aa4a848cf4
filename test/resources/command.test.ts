import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sh, type Command } from '../../engine/model/command.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { Task } from '../../engine/model/task.ts'
import { command } from '../../engine/resources/command.ts'
import { plan } from './support/golden.ts'
import { differences, obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { shells } from './support/shells.ts'

const text = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')

/** Attributes name paths below the folder, which each run has anew. */
function placeless(task: Task, folder: string): Task {
  return {
    ...task,
    assess(...given) {
      const { changes, ...more } = task.assess(...given)
      return { ...more, changes: changes.map(change => ({ ...change, attribute: change.attribute.replace(folder, '<folder>') })) }
    },
  }
}

const cases: readonly Case[] = [
  {
    given: 'a path that it creates and that is missing',
    task: folder => command({ run: sh`touch ${join(folder, 'made')}`, creates: join(folder, 'made') }),
    differs: ['creates <folder>/made'],
  },
  {
    given: 'a dangling link at the path that it creates',
    arrange: folder => writeFileSync(join(folder, 'made'), ''),
    task: folder => command({ run: sh`exit 1`, creates: [join(folder, 'made')] }),
    differs: [],
  },
  {
    given: 'a path that it takes away',
    arrange: folder => writeFileSync(join(folder, 'old'), ''),
    task: folder => command({ run: sh`rm ${join(folder, 'old')}`, removes: join(folder, 'old') }),
    differs: ['removes <folder>/old'],
  },
  {
    given: 'a guard that fails until it ran',
    task: folder => command({ name: 'done', run: sh`echo yes >${join(folder, 'done')}`, unless: sh`grep -q yes ${join(folder, 'done')}` }),
    differs: ['unless'],
  },
  {
    given: 'a guard of several lines whose first fails',
    arrange: folder => writeFileSync(join(folder, 'second'), ''),
    task: folder => command({ run: sh`touch ${join(folder, 'first')}`, unless: sh`[ -e ${join(folder, 'first')} ]\n[ -e ${join(folder, 'second')} ] # both` }),
    differs: ['unless'],
  },
  {
    given: 'several guards of which one holds',
    arrange: folder => writeFileSync(join(folder, 'a'), ''),
    task: folder => command({ run: sh`touch ${join(folder, 'b')}`, creates: [join(folder, 'a'), join(folder, 'b')] }),
    differs: ['creates <folder>/b'],
  },
  {
    given: 'a condition that does not hold',
    task: folder => command({ run: sh`exit 1`, creates: join(folder, 'never'), onlyIf: sh`[ -e ${join(folder, 'nothing')} ]` }),
    differs: [],
  },
  {
    given: 'a condition that holds',
    task: folder => command({ run: sh`touch ${join(folder, 'made')}`, creates: join(folder, 'made'), onlyIf: sh`[ -d ${folder} ]` }),
    differs: ['creates <folder>/made'],
  },
  {
    given: 'a folder, an environment with secrets, and stdin',
    arrange: folder => mkdirSync(join(folder, 'in here')),
    task: folder => command({
      run: sh`printf '%s|%s|%s|' "$OPEN" "$HIDDEN" "$LINES" >out; cat >>out`,
      unless: sh`[ -e out ] && [ "$HIDDEN" = ${`it's`} ]`,
      workingDirectory: join(folder, 'in here'),
      environment: { OPEN: '$(touch pwned)', HIDDEN: new Secret(`it's`), LINES: new Secret('one\ntwo\n') },
      stdin: new Secret('first line\nno newline at the end'),
    }),
    differs: ['unless'],
    afterwards: folder => expect(text(folder, 'in here/out')).toBe(`$(touch pwned)|it's|one\ntwo\n|first line\nno newline at the end`),
  },
]
obeysTheLaws('command', cases.map(given => ({ ...given, task: folder => placeless(given.task(folder), folder) })))

describe.each(shells)('command with $name', shell => {
  test('without a guard it runs each time, and nothing is known of it', async () => {
    const host = localHost({ shell, scratch: scratch() })
    const task = command({ run: sh`echo said; exit 0` })
    expect(await differences(host, task)).toEqual([{ effect: 'runs', attribute: 'command' }])
    expect(await host.apply(task, { command: sh`true` })).toMatchObject({ status: 0 })
  })

  test('the first line that fails ends it', async () => {
    const folder = scratch()
    const host = localHost({ shell, scratch: folder })
    const look = await host.look(command({ run: sh`echo one >${join(folder, 'out')}\nfalse\necho two >>${join(folder, 'out')}` }))
    if (look.type === 'failed') throw new Error(look.result.stderr)
    expect((await host.apply(command({ run: sh`true` }), look.apply())).status).not.toBe(0)
    expect(text(folder, 'out')).toBe('one\n')
  })

  test('failedWhen judges a run by its status and by what it said, instead of the status', async () => {
    const host = localHost({ shell, scratch: scratch() })
    const end = async (run: Command, failedWhen: Command) => {
      const task = command({ run, failedWhen, stdin: 'from stdin\n' })
      const look = await host.look(task)
      if (look.type === 'failed') throw new Error(look.result.stderr)
      const { status, stdout, stderr } = await host.apply(task, look.apply())
      return { status, stdout, stderr }
    }
    const worse = sh`[ "$status" -gt 2 ]`
    expect(await end(sh`echo nothing to do\nexit 2`, worse)).toEqual({ status: 0, stdout: 'nothing to do\n', stderr: '' })
    expect(await end(sh`echo broken >&2\nexit 3`, worse)).toEqual({ status: 3, stdout: '', stderr: 'broken\n' })
    expect(await end(sh`echo "some ERROR in it"`, sh`case $output in *ERROR*) ;; *) exit 1 ;; esac`)).toEqual({ status: 1, stdout: '', stderr: 'some ERROR in it\nfailedWhen holds\n' })
    expect(await end(sh`cat\nfalse\necho not reached`, sh`[ "$status" -ne 1 ]`)).toEqual({ status: 0, stdout: 'from stdin\n', stderr: '' })
    expect(await end(sh`echo "$unset"`, sh`[ "$status" -ne 0 ]`)).toMatchObject({ stdout: '' })
    expect(await end(sh`true`, sh`no-such-program`)).toMatchObject({ status: 127, stderr: expect.stringContaining('failedWhen could not run') })
  })

  test('a condition that cannot run is an error, a guard that cannot run does not hold', async () => {
    const host = localHost({ shell, scratch: scratch() })
    expect(await host.look(command({ run: sh`true`, onlyIf: sh`no-such-program --x` }))).toMatchObject({ type: 'failed', result: { status: 127 } })
    const look = await host.look(command({ run: sh`true`, unless: sh`no-such-program --x` }))
    expect(look).toMatchObject({ type: 'seen', changes: [{ attribute: 'unless', from: { value: 'exit 127' } }] })
  })

  test('a folder that is missing is an error', async () => {
    const host = localHost({ shell, scratch: scratch() })
    expect(await host.look(command({ run: sh`true`, unless: sh`true`, workingDirectory: '/no/such/folder' }))).toMatchObject({ type: 'failed' })
  })
})

test('what it destroys comes first, and is permitted only when said so', () => {
  const reset = (permitted?: boolean) => command({
    run: sh`kubeadm reset -f`,
    removes: '/etc/kubernetes/kubelet.conf',
    destroys: { what: 'state of the node', because: 'it carries no mark of our own attempt', ...(permitted === undefined ? {} : { permitted }) },
  })
  expect(plan(reset(), '0\n1\n')).toEqual([
    'state of the node: destroyed if allowed, because it carries no mark of our own attempt',
    'removes /etc/kubernetes/kubelet.conf: present → absent',
  ])
  expect(plan(reset(true), '0\n1\n')[0]).toBe('state of the node: destroyed, because it carries no mark of our own attempt')
  expect(plan(reset(), '0\n0\n')).toEqual([])
  // @ts-expect-error without a guard nobody could tell whether it is done, and it would be done again
  command({ run: sh`kubeadm reset -f`, destroys: { what: 'all', because: 'x' } })
})

test('secrets are in no script, and in no probe', () => {
  const task = command({ run: sh`login`, unless: sh`true`, environment: { TOKEN: new Secret('s3cr3t') }, stdin: new Secret('pa55') })
  const script = task.assess({ status: 0, stdout: '0\n1\n', stderr: '' }, () => { throw new Error('no file') }).apply()
  expect(JSON.stringify([task.probe, script, task.spec])).not.toMatch(/s3cr3t|pa55/)
  expect(Secret.reveal(script.stdin instanceof Secret ? script.stdin : new Secret(''))).toBe('1\nexport TOKEN=s3cr3t\npa55')
})

test('a name that is none of a variable is refused', () => {
  expect(() => command({ run: sh`true`, environment: { 'A=B; rm': 'x' } })).toThrow('no name of an environment variable')
})

test('output of a probe that is none of ours is not understood', () => {
  expect(() => plan(command({ run: sh`true`, creates: '/a' }), 'hello\n')).toThrow('exit status')
  expect(() => plan(command({ run: sh`true`, creates: '/a' }), '0\n')).toThrow('1 guards')
})
