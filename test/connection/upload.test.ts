import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { FrameTrace, Target } from '../../engine/connection/target.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { Changer, Session, SourceFile, UploadReply } from '../../engine/model/session.ts'
import { delayProxy } from './delay-proxy.ts'
import { announceSkip, has, until } from './machine.ts'
import { calm, results, target } from './open.ts'
import { family, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('uploads', sshdRefusal)
const MEBIBYTE = 1024 * 1024
const PASSWORD = 'letmein 9'

for (const connection of ['ssh2', 'openssh'] as const) {
  describe.skipIf(sshdRefusal !== undefined || (connection === 'openssh' && !has('ssh')))(`a large file over ${connection}`, () => {
    let server: Sshd
    beforeAll(async () => {
      server = await sshd({
        users: [{ name: 'tspguest', shell: '/bin/sh', password: PASSWORD }],
        // Not by usermod, which refuses while another sshd of these tests has a user of that number at work.
        prepare: "mount -t tmpfs -o mode=755 tmpfs /var/lib; mount -t tmpfs -o mode=1777 tmpfs /home; sed -i '/^tspguest:/s|:/:|:/home/tspguest:|' /etc/passwd; mkdir /home/tspguest; chown tspguest /home/tspguest; echo 'tspguest ALL=(ALL) ALL' >/etc/sudoers.d/tspguest; chmod 440 /etc/sudoers.d/tspguest",
      })
    }, 30_000)
    afterAll(() => server?.remove())

    const at = (changes: Partial<Target> = {}): Target => target({ name: 'h1', connection, port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts], becomePassword: new Secret(PASSWORD), ...changes })
    async function open(where: Target, traces: FrameTrace[] = []): Promise<Session> {
      const made = await connect(where, { trace: trace => traces.push(trace) })
      if (isFailure(made)) throw new Error(made.message)
      return made
    }
    async function shellOf(session: Session, user?: string): Promise<Changer> {
      const made = await session.shell(user)
      if (isFailure(made)) throw new Error(made.message)
      return made
    }
    function source(name: string, size: number): SourceFile {
      const path = join(server.folder, name)
      const file = openSync(path, 'w')
      const hash = createHash('sha256')
      for (let left = size; left > 0; left -= MEBIBYTE) {
        const piece = randomBytes(Math.min(left, MEBIBYTE))
        hash.update(piece)
        writeSync(file, piece)
      }
      closeSync(file)
      return { type: 'source-file', path, size, sha256: hash.digest('hex') }
    }
    const send = (session: Session, file: SourceFile, options: { user?: string; signal?: AbortSignal; progress?: (bytes: number) => void } = {}): Promise<UploadReply> => {
      const { user, signal = calm, ...rest } = options
      return session.upload?.(user, file, { signal, ...rest }) ?? Promise.reject(new Error('no upload'))
    }

    it('is there for the frame that reads it, as either user, and gone after it', { timeout: 60_000 }, async () => {
      for (const user of [undefined, 'root']) {
        const traces: FrameTrace[] = []
        const session = await open(at({ user: 'tspguest' }), traces)
        const file = source('big', 20 * MEBIBYTE + 7)
        const steps: number[] = []
        expect(await send(session, file, { ...(user !== undefined && { user }), progress: bytes => steps.push(bytes) })).toEqual({ type: 'there', kept: 0 })
        expect([steps[0], steps.at(-1)]).toEqual([0, file.size])
        const shell = await shellOf(session, user)
        const script = 'sha256sum; ls -ld "$TSP_STATE/upload" | cut -c1-10'
        expect(results(await shell.apply({ sections: [{ script, stdin: file }], deadline: 20_000 }, calm))[0]?.stdout).toBe(`${file.sha256}  -\ndrwx------\n`)
        expect(traces.at(-1)?.bytesSent).toBeLessThan(10_000)
        expect(results(await shell.query([{ script: 'ls "$TSP_STATE/upload"' }], calm))[0]?.stdout).toBe('')
        // A second reader has it brought along by its frame.
        expect(results(await shell.apply({ sections: [{ script: 'sha256sum', stdin: file }], deadline: 20_000 }, calm))[0]?.stdout).toBe(`${file.sha256}  -\n`)
        await session.close()
      }
    })

    it('leaves the shell free while it is sent, and is stopped by an interruption', { timeout: 60_000 }, async () => {
      const proxy = await delayProxy({ to: server.port, oneWay: 1, rate: 4 * MEBIBYTE })
      appendFileSync(server.knownHosts, readFileSync(server.knownHosts, 'utf8').split('\n').filter(line => line.includes(`:${server.port} `)).join('\n').replaceAll(`:${server.port} `, `:${proxy.port} `) + '\n')
      const session = await open(at({ port: proxy.port }))
      const shell = await shellOf(session)
      const stop = new AbortController()
      let sent = 0
      const sending = send(session, source('slow', 60 * MEBIBYTE), { signal: stop.signal, progress: bytes => (sent = bytes) })
      await until(() => sent > MEBIBYTE, { within: 20_000, what: 'the file is under way' })
      expect(results(await shell.query([{ script: 'echo free' }], calm))[0]?.stdout).toBe('free\n')
      stop.abort()
      expect(await sending).toEqual({ type: 'lost', message: 'interrupted while a file was sent' })
      expect(sent).toBeLessThan(60 * MEBIBYTE)
      await session.close()
      await proxy[Symbol.asyncDispose]()
    })

    it('whose connection breaks is gone on with, and only the rest is sent', { timeout: 90_000 }, async () => {
      const proxy = await delayProxy({ to: server.port, oneWay: 1, rate: 20 * MEBIBYTE })
      appendFileSync(server.knownHosts, readFileSync(server.knownHosts, 'utf8').split('\n').filter(line => line.includes(`:${server.port} `)).join('\n').replaceAll(`:${server.port} `, `:${proxy.port} `) + '\n')
      const file = source('broken', 50 * MEBIBYTE)
      const first = await open(at({ port: proxy.port }))
      const sessions = (): number[] => family(server.pid).slice(1)
      const reply = send(first, file)
      await until(() => proxy.bytes.toServer > 25 * MEBIBYTE, { within: 60_000, what: 'half of it is under way' })
      // The server's processes of this connection end at once, as when the host's sshd is restarted the hard way.
      for (const pid of sessions()) process.kill(pid, 'SIGKILL')
      expect(await reply).toMatchObject({ type: 'lost' })
      await first.close()
      const before = proxy.bytes.toServer
      const second = await open(at({ port: proxy.port }))
      const again = await send(second, file)
      const rest = proxy.bytes.toServer - before
      const kept = again.type === 'there' ? again.kept : 0
      process.stderr.write(`${connection}: of 50 MiB ${(kept / MEBIBYTE).toFixed(1)} were kept, ${(rest / MEBIBYTE).toFixed(1)} sent again\n`)
      expect(kept).toBeGreaterThan(15 * MEBIBYTE)
      expect(rest).toBeLessThan(file.size - kept + MEBIBYTE)
      const shell = await shellOf(second)
      expect(results(await shell.apply({ sections: [{ script: 'sha256sum', stdin: file }], deadline: 30_000 }, calm))[0]?.stdout).toBe(`${file.sha256}  -\n`)
      await second.close()
      await proxy[Symbol.asyncDispose]()
    })

    it('of which something else is on the host, too much, or a link, is sent anew', { timeout: 60_000 }, async () => {
      const session = await open(at())
      const shell = await shellOf(session)
      const file = source('anew', 9 * MEBIBYTE)
      for (const prepare of ['head -c 1000000 /dev/urandom >"$f"', 'head -c 20000000 /dev/zero >"$f"', 'ln -s /etc/passwd "$f"', ': >"$f"']) {
        const before = results(await shell.apply({ sections: [{ script: `mkdir -p "$TSP_STATE/upload"; f="$TSP_STATE/upload/${file.sha256}"; rm -f "$f"; ${prepare}; sha256sum /etc/passwd` }], deadline: 20_000 }, calm))[0]?.stdout
        expect(await send(session, file)).toEqual({ type: 'there', kept: 0 })
        expect(results(await shell.apply({ sections: [{ script: 'sha256sum', stdin: file }, { script: 'sha256sum /etc/passwd' }], deadline: 20_000 }, calm)).map(({ stdout }) => stdout)).toEqual([`${file.sha256}  -\n`, before])
      }
      await session.close()
    })

    it('that shrinks while it is sent is no upload, and a small one is left to its frame', { timeout: 60_000 }, async () => {
      const session = await open(at())
      const file = source('shrinks', 9 * MEBIBYTE)
      truncateSync(file.path, 8 * MEBIBYTE)
      expect(await send(session, file)).toMatchObject({ type: 'refused', message: expect.stringContaining('shrank') })
      const small = join(server.folder, 'small')
      writeFileSync(small, 'small')
      expect(statSync(small).size).toBe(5)
      expect(await send(session, { type: 'source-file', path: small, size: 5, sha256: 'x' })).toEqual({ type: 'there', kept: 0 })
      expect(existsSync(small)).toBe(true)
      await session.close()
    })
  })
}
