import { sh } from '../../engine/model/command.ts'
import { Secret } from '../../engine/model/secret.ts'
import { describe, expect, it } from 'vitest'
import { announceSkip, shells } from './machine.ts'
import { calm, output, results, shellHere } from './open.ts'

// One concurrent block for all shells: most of the time is the host's clock going by.
describe.concurrent('the frame loop', () => {
  for (const { name, command, installed } of shells) {
    if (!installed) announceSkip(`the frame loop in ${name}`, 'it is not installed')
    const test = it.skipIf(!installed)

    test(`${name} runs sections apart from each other and gives status, stdout and stderr of each`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const [one, two, three] = results(await shell.query([{ script: 'echo out; echo err >&2; cd /tmp; x=1; exit 3' }, { script: 'pwd; echo "[$x]"' }, { script: 'printf "no newline"' }], calm))
      expect(one).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n' })
      expect(two).toEqual({ status: 0, stdout: '/\n[]\n', stderr: '' })
      expect(three).toEqual({ status: 0, stdout: 'no newline', stderr: '' })
    })

    test(`${name} gives a change the same surroundings as a query`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const script = 'pwd; umask; echo "$#" "$LC_ALL" "$TSP_STATE" "$TSP_UMASK"; case :$PATH: in *:/sbin:*) echo sbin ;; esac; env | grep -c -e ^ENV= -e ^CDPATH= -e _t_'
      const asked = results(await shell.query([{ script }], calm))
      const changed = results(await shell.apply({ sections: [{ script }], deadline: 5000 }, calm))
      expect(changed).toEqual(asked)
      expect(asked[0]?.stdout).toMatch(/^\/\n0?077\n0 C \S+\/ts-play \d+\nsbin\n0\n$/)
    })

    test(`${name} hands each section its own stdin, or none`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
      const found = results(await shell.query([{ script: 'cat', stdin: 'first' }, { script: 'cat' }, { script: 'wc -c', stdin: bytes }, { script: 'cat', stdin: new Secret('ünsäglich') }, { script: 'cat', stdin: '' }], calm))
      expect(found.map(({ stdout }) => stdout.trim())).toEqual(['first', '', '70000', 'ünsäglich', ''])
    })

    test(`${name} outlives a section with a syntax error, one that kills its shell, and one that kills everything it can name`, async () => {
      await using shell = await shellHere({ interpreter: command })
      for (const run of [(sections: { script: string }[]) => shell.query(sections, calm), (sections: { script: string }[]) => shell.apply({ sections, deadline: 20_000 }, calm)]) {
        const found = results(await run([{ script: 'if then' }, { script: 'echo before; kill -9 $$; sleep 5' }, { script: 'kill -TERM 0; sleep 5' }, { script: 'exec true' }, { script: 'echo "still here"' }]))
        expect(found[0]?.status).toBeGreaterThan(0)
        expect(found[1]).toMatchObject({ status: 137, stdout: 'before\n' })
        expect(found[2]?.status).toBe(143)
        expect(found[3]?.status).toBe(0)
        expect(found[4]).toEqual({ status: 0, stdout: 'still here\n', stderr: '' })
      }
      expect(await output(shell, 'echo next frame')).toBe('next frame\n')
    })

    test(`${name} stops after a failed section that says so, and only there`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const sections = [{ script: 'false' }, { script: 'true', onFailure: 'stop' as const }, { script: 'exit 4', onFailure: 'stop' as const }, { script: 'echo never' }]
      const stopped = [1, 0, 4, undefined]
      expect(results(await shell.query(sections, calm)).map(({ status }) => status)).toEqual(stopped)
      expect(results(await shell.apply({ sections, deadline: 5000 }, calm)).map(({ status }) => status)).toEqual(stopped)
      const killed = [{ script: 'kill -9 $$; sleep 5', onFailure: 'stop' as const }, { script: 'echo never' }]
      expect(results(await shell.query(killed, calm)).map(({ status }) => status)).toEqual([137, undefined])
      expect(results(await shell.apply({ sections: killed, deadline: 5000 }, calm)).map(({ status }) => status)).toEqual([137, undefined])
    })

    test(`${name} stops after a section that does not say what is expected`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const ran = async (script: string, expects: readonly string[]): Promise<boolean> => {
        const [first, second] = results(await shell.apply({ sections: [{ script, expects }, { script: 'echo next' }], deadline: 5000 }, calm))
        expect(first?.status).toBeDefined()
        return second?.status === 0
      }
      const hostile = `a 'b' "$c" \`d\` [e-f]* ?\\ é\n\n  x`
      const say = (text: string): string => sh`printf %s ${text}`.text
      expect(await ran(say(hostile), [hostile])).toBe(true)
      expect(await ran(say(`${hostile}\n`), [hostile])).toBe(false)
      expect(await ran(say(hostile), [`${hostile}\n`])).toBe(false)
      expect(await ran(say(hostile), ["a 'b' ", ' [e-f]* ', 'x'])).toBe(true)
      expect(await ran(say('a e x'), ['a [a-z] x'])).toBe(false)
      expect(await ran(say('a b'), ['a ', ' b'])).toBe(false)
      expect(await ran(say('one\ntwo three\nfour'), ['one\n', ' three\n', ''])).toBe(true)
      expect(await ran(':', [''])).toBe(true)
      expect(await ran('echo', [''])).toBe(false)
      expect(await ran(`${say('ok')}; exit 1`, ['ok'])).toBe(false)
      expect(await ran(`${say('ok')}; kill -9 $$; sleep 5`, ['ok'])).toBe(false)
      expect(await ran('i=0; while [ $i -lt 3000 ]; do echo 0123456789; i=$((i+1)); done', ['0123456789\n', ''])).toBe(true)
    })

    test(`${name} knows helpers by their text, and lets two of them use one name`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const polite = 'greet() { echo "good day, $1"; }'
      const rude = 'greet() { echo "oi, $1"; }'
      const sections = [{ script: 'greet a', helpers: polite }, { script: 'greet b', helpers: rude }, { script: 'greet c', helpers: polite }, { script: 'greet d', helpers: 'greet() { if' }, { script: 'greet e', helpers: polite }]
      for (let round = 0; round < 2; round++) {
        const found = results(await shell.query(sections, calm))
        expect(found.map(({ stdout }) => stdout)).toEqual(['good day, a\n', 'oi, b\n', 'good day, c\n', '', 'good day, e\n'])
        expect(found[3]?.status).toBe(2)
        expect(found[3]?.stderr).not.toBe('')
      }
    })

    test(`${name} ends a frame at its deadline with every process of it, and says which sections were done`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const mark = `86400.${process.pid}${Math.trunc(Math.random() * 1e6)}`
      const sections = [{ script: 'echo done' }, { script: `echo started; sh -c 'sleep ${mark} & sleep ${mark}; :'` }, { script: 'echo never' }]
      expect(await shell.apply({ sections, deadline: 1000 }, calm)).toEqual({
        type: 'timed-out',
        results: [{ status: 0, stdout: 'done\n', stderr: '' }, { status: undefined, stdout: 'started\n', stderr: expect.anything() }, { status: undefined, stdout: '', stderr: '' }],
      })
      expect(await output(shell, `ps ax -o args | grep -c '[s]leep ${mark}'`)).toBe('0\n')
    })

    test(`${name} ends a late query too, TERM or not, and answers the next`, async () => {
      await using shell = await shellHere({ interpreter: command, queryDeadline: 1000, grace: 1 })
      const mark = `0.2${process.pid}${Math.trunc(Math.random() * 1e6)}`
      const reply = await shell.query([{ script: 'echo one' }, { script: `trap '' TERM; echo two; while :; do sleep ${mark}; done` }], calm)
      expect(reply).toMatchObject({ type: 'timed-out', results: [{ status: 0, stdout: 'one\n' }, { status: undefined, stdout: 'two\n' }] })
      expect(await output(shell, `echo three; ps ax -o args | grep -c '[s]leep ${mark}'`)).toBe('three\n0\n')
    })

    test(`${name} takes itself away when it is closed`, async () => {
      await using shell = await shellHere({ interpreter: command })
      const { folder } = shell.capabilities
      await using other = await shellHere()
      expect(await output(other, `ls -ld ${folder} | cut -c 1-10`)).toBe('drwx------\n')
      await shell.close()
      expect(await output(other, `ls -d ${folder} 2>/dev/null; ps ax -o args | grep -c '[${folder[0]}]${folder.slice(1)}'`)).toBe('0\n')
    })
  }
})
