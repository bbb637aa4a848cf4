import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OUTPUT_LIMIT } from '../../engine/connection/frame-codec.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import { has } from './machine.ts'
import { calm, output, results, shellHere, target } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.concurrent('output of sections', () => {
  it('may look like our own lines, hold NULs, and end anywhere', async () => {
    await using shell = await shellHere()
    const fake = `\n${'0'.repeat(32)} R 1 ok 1 0o\n3 x\nabc\n${'0'.repeat(32)} E 1\n`
    const found = results(await shell.query([
      { script: `printf %s ${JSON.stringify(fake).replaceAll('\\n', '\n')}` },
      { script: String.raw`printf 'a\000b\000'` },
      { script: 'cat /proc/self/environ 2>/dev/null | tr "\\0" "\\n"; cat loop settings 2>/dev/null' },
      { script: 'printf x' },
    ], calm))
    expect(found.map(({ stdout }) => stdout)).toEqual([fake, 'a\0b\0', expect.anything(), 'x'])
  })

  it('may even hold the nonce and whole replies of this very shell', async () => {
    await using shell = await shellHere()
    const { folder: own } = shell.capabilities
    const script = `. ${own}/settings; for i in 1 2 3; do echo; echo "$_t_N R 1 ok 1 0o"; echo "3 x"; echo abc; echo; echo "$_t_N E 1"; echo "$_t_N failed x"; done`
    const found = results(await shell.query([{ script }, { script: 'echo after' }], calm))
    expect(found[0]?.stdout.split('\n')).toHaveLength(22)
    expect(found[1]?.stdout).toBe('after\n')
    expect(await output(shell, 'echo next')).toBe('next\n')
  })

  it('of 20 MB is cut at 16 MiB with a note, and costs neither end more', async () => {
    await using shell = await shellHere()
    const found = results(await shell.query([{ script: 'head -c 20000000 /dev/zero | tr "\\0" x; echo end >&2' }, { script: 'echo after' }], calm))
    expect(found[0]?.stdout).toHaveLength(OUTPUT_LIMIT)
    expect(found[0]?.stderr).toBe(`end\n\nts-play: stdout was cut to ${OUTPUT_LIMIT} of 20000000 bytes`)
    expect(found[1]?.stdout).toBe('after\n')
  })

  it('without end is stopped by the host, and counts as killed', { timeout: 60_000 }, async () => {
    await using shell = await shellHere()
    const found = results(await shell.apply({ sections: [{ script: 'while :; do head -c 100000000 /dev/zero || sleep 0.1; done' }], deadline: 30_000 }, calm))
    expect(found[0]).toMatchObject({ status: 137, stderr: expect.stringContaining('ended for writing more than 256 MiB') })
    expect(await output(shell, 'echo next')).toBe('next\n')
  })

  it('to /dev/stderr opened anew does not overwrite what was said before', async () => {
    await using shell = await shellHere()
    const found = results(await shell.query([{ script: 'echo one; echo two >>/dev/stdout; echo three' }], calm))
    expect(found[0]?.stdout).toBe('one\ntwo\nthree\n')
  })
})

describe.concurrent('a section', () => {
  it('that leaves a daemon with its stdout open ends at once, and what the daemon writes later reaches nobody', async () => {
    await using shell = await shellHere()
    const [go, wrote] = [join(folder, 'go'), join(folder, 'wrote')]
    // Who waited for the daemon would wait for ever: it writes when the next section tells it to.
    const found = results(await shell.apply({ sections: [{ script: `mkfifo ${go}; (read -r word <${go}; echo late; : >${wrote}) & echo early` }], deadline: 20_000 }, calm))
    expect(found[0]).toEqual({ status: 0, stdout: 'early\n', stderr: '' })
    expect(await output(shell, `echo now >${go}; until [ -e ${wrote} ]; do :; done; echo next`)).toBe('next\n')
  })

  it('whose daemon floods its stdout while it is sent does not spoil the reply', async () => {
    await using shell = await shellHere()
    const mark = join(folder, 'flood.pid')
    const sections = [{ script: 'echo one' }, { script: `sh -c 'echo $$ >${mark}; exec yes flood' & while [ ! -s ${mark} ]; do :; done; sleep 0.2` }, { script: 'sleep 0.1; echo three' }]
    const found = results(await shell.apply({ sections, deadline: 20_000 }, calm))
    expect(await output(shell, `kill -KILL $(cat ${mark}); echo next`)).toBe('next\n')
    expect(found[0]?.stdout).toBe('one\n')
    expect(found[1]?.stdout).toMatch(/^(flood\n)+(f|fl|flo|floo|flood)?$/)
    expect(found[2]?.stdout).toBe('three\n')
  })

  it('keeps its daemon when a later frame runs into its deadline', async () => {
    await using shell = await shellHere()
    const mark = join(folder, 'daemon.pid')
    results(await shell.apply({ sections: [{ script: `sleep 60 >/dev/null 2>&1 & echo $! >${mark}` }], deadline: 20_000 }, calm))
    expect(await shell.apply({ sections: [{ script: 'sleep 60' }], deadline: 1000 }, calm)).toMatchObject({ type: 'timed-out' })
    expect(await output(shell, `kill $(cat ${mark}) && echo alive`)).toBe('alive\n')
  })

  it('can neither read the frames that follow it nor keep our descriptors', async () => {
    await using shell = await shellHere()
    const sections = [{ script: 'cat; cat <&0; read -r x; echo "[$x]"' }, { script: 'ls -l /proc/self/fd | grep -c orders' }]
    const expected = ['[]\n', '0\n']
    expect(results(await shell.query(sections, calm)).map(({ stdout }) => stdout)).toEqual(expected)
    expect(results(await shell.apply({ sections, deadline: 5000 }, calm)).map(({ stdout }) => stdout)).toEqual(expected)
  })

  it('has the signals of a login: none of them ignored', async () => {
    await using shell = await shellHere()
    const script = "sh -c 'kill -INT $$'; echo $?; sh -c 'kill -QUIT $$'; echo $?; sh -c 'kill -HUP $$'; echo $?"
    expect(await output(shell, script)).toBe('130\n131\n129\n')
    expect(results(await shell.apply({ sections: [{ script }], deadline: 5000 }, calm))[0]?.stdout).toBe('130\n131\n129\n')
  })

  it('finds no variable or function of ours under a name it may use itself', async () => {
    await using shell = await shellHere()
    const names = ['d', 'g', 'i', 'l', 'n', 'q', 'id', 'files', 'states', 'N', 'R', 'SH', 'B', 'me', 'name', 'p']
    expect(await output(shell, names.map(name => `echo "\${${name}-}"`).join('\n'))).toBe('\n'.repeat(names.length))
    expect(await output(shell, 'for f in stop hit fell wipe watch get spool take receive frame state again now beat; do command -v $f | grep -v /; done; :')).toBe('')
  })

  it('of a change has the frame loop for its grandparent, frame after frame: what a host lock is held by', async () => {
    await using shell = await shellHere()
    const parent = async (killable: boolean): Promise<string> => results(await shell.apply({ sections: [{ script: 'readlink /proc/$PPID/cwd; echo $PPID' }], deadline: 5000, killable }, calm))[0]?.stdout ?? ''
    const first = await parent(false)
    expect(first.split('\n')[0]).toBe(shell.capabilities.folder)
    expect(await parent(true)).toBe(first)
    expect(await output(shell, 'echo $$')).toBe(`${first.split('\n')[1]}\n`)
  })

  it('gets names with quotes, line breaks, globs and leading dashes as they are', async () => {
    await using shell = await shellHere()
    const names = ["it's", 'a"b', 'new\nline', '$(touch /nope)', '`id`', '*', '-rf', '\\', 'ünïcode', ' ', '~', '!x', 'a;b', '&&']
    const { quote } = await import('../../engine/model/command.ts')
    expect(await output(shell, names.map(name => `printf '%s|' ${quote(name)}`).join('\n'))).toBe(names.map(name => `${name}|`).join(''))
  })

  it('with a NUL is refused by an exception, and the next frame runs', async () => {
    await using shell = await shellHere()
    await expect(shell.query([{ script: 'echo \0', helpers: 'f() { :; }' }], calm)).rejects.toThrow('NUL')
    expect(await output(shell, 'f; echo $?', { helpers: 'f() { return 5; }' })).toBe('5\n')
  })
})

describe.concurrent('secrets', () => {
  it('appear in no command line and no environment while a frame runs', async () => {
    await using shell = await shellHere()
    const secret = `s3cr3t-${process.pid}-${Math.random().toString(36).slice(2)}`
    // Split, so that the looking does not find itself.
    const [left, right] = [secret.slice(0, 8), secret.slice(8)]
    const look = `needle=$(printf %s%s '${left}' '${right}'); cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | while read -r l; do case $l in *"$needle"*) echo "$l" ;; esac; done; cat >/dev/null`
    const sections = [{ script: look, stdin: secret }, { script: `: ${secret}` }]
    expect(results(await shell.apply({ sections, deadline: 20_000 }, calm))[0]?.stdout).toBe('')
    expect(results(await shell.query(sections, calm))[0]?.stdout).toBe('')
  })

  it('are gone from the private folder when the reply is there', async () => {
    await using shell = await shellHere()
    await shell.apply({ sections: [{ script: 'cat >/dev/null', stdin: 'hidden-payload' }, { script: ': hidden-script' }], deadline: 5000 }, calm)
    expect(await output(shell, `grep -rl hidden-[ps] ${shell.capabilities.folder} | wc -l`)).toBe('0\n')
  })
})

describe.concurrent('a login', () => {
  it('may greet with a fake ready line, and is skipped', async () => {
    const local = localTransport()
    const banner = `printf 'Welcome\\n%s ready 0 head setsid 1 /tmp root\\n\\n%s R 1 ok 0\\n\\033[2J' ${'a'.repeat(32)} ${'b'.repeat(32)}; `
    const shell = await openShell({ ...local, open: command => local.open(banner + command) }, { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(await output(shell, 'echo fine')).toBe('fine\n')
    await shell.close()
  })

  it('that echoes what it is sent is no shell, and the failure says what it said', async () => {
    const local = localTransport()
    const shell = await openShell({ ...local, open: () => local.open('cat') }, { target: target({ connectTimeout: 500 }), user: undefined, options: {} })
    expect(shell).toMatchObject({ type: 'connect-failure', reason: 'unreachable', message: expect.stringContaining('no POSIX shell for') })
  })

  it('that is not allowed is reported in its own words', async () => {
    const local = localTransport()
    const shell = await openShell({ ...local, open: () => local.open('echo "This account is currently not available."; exit 1') }, { target: target(), user: undefined, options: {} })
    expect(shell).toMatchObject({ message: expect.stringMatching(/exit status 1; it said: This account is currently not available\./) })
  })

  for (const login of ['bash', 'fish', 'csh', 'tcsh', 'zsh', 'busybox sh', 'mksh'].filter(shell => has(shell.split(' ')[0] ?? ''))) {
    it(`shell may be ${login}`, async () => {
      const local = localTransport()
      const open = (command: string) => local.open(`exec ${login} -c '${command.replaceAll("'", `'\\''`)}'`)
      const shell = await openShell({ ...local, open }, { target: target(), user: undefined, options: {} })
      if (isFailure(shell)) throw new Error(shell.message)
      expect(await output(shell, 'echo "$((1+1))"')).toBe('2\n')
      await shell.close()
    })
  }
})

describe.concurrent('tools on the host', () => {
  /** A folder of programs that come before the host's own. */
  function tools(programs: Record<string, string>): Record<string, string> {
    const path = mkdtempSync(join(folder, 'bin-'))
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return { HOME: '/', PATH: `${path}:/usr/bin:/bin` }
  }
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256)

  it('with a head that reads too much are worked around by dd', async () => {
    await using shell = await shellHere({ environment: tools({ head: 'cat >/dev/null' }) })
    expect(shell.capabilities.reader).toBe('dd')
    const found = results(await shell.query([{ script: 'cksum', stdin: bytes }, { script: 'cat', stdin: 'x' }], calm))
    expect(found[0]?.stdout).toMatch(/^\d+ 200000\n$/)
    expect(found[1]?.stdout).toBe('x')
  })

  it('without dd iflag=fullblock are worked around byte by byte', async () => {
    await using shell = await shellHere({ environment: tools({ head: 'exit 1', dd: 'case "$*" in *fullblock*) cat >/dev/null; exit 1 ;; esac; exec /usr/bin/dd "$@"' }) })
    expect(shell.capabilities.reader).toBe('bytes')
    const found = results(await shell.query([{ script: 'cksum', stdin: bytes.subarray(0, 50_000) }, { script: 'printf "no end"; printf "a\\000" >&2' }], calm))
    expect(found[0]?.stdout).toMatch(/^\d+ 50000\n$/)
    expect(found[1]).toEqual({ status: 0, stdout: 'no end', stderr: 'a\0' })
  })

  it('may be named by variables that are dangerous elsewhere', async () => {
    const environment = { HOME: '/', PATH: '/usr/bin:/bin', ENV: join(folder, 'env'), BASH_ENV: join(folder, 'env'), CDPATH: '/', IFS: 'x', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', XDG_RUNTIME_DIR: '/tmp;id', GREP_OPTIONS: '-v', POSIXLY_CORRECT: '1' }
    writeFileSync(join(folder, 'env'), 'echo read >&2; exit 9\n')
    await using shell = await shellHere({ environment })
    expect(await output(shell, 'echo "$LC_ALL$CDPATH$ENV"; cat /nope 2>&1')).toMatch(/^C\n.*No such file/)
    expect(readFileSync(join(folder, 'env'), 'utf8')).toContain('read')
  })
})
