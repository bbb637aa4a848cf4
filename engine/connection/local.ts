import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { userInfo } from 'node:os'
import type { Transport } from './channel.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * This machine as a host.
 *
 * @param environment default a login's, not ours: what the controller has in its own (tokens, proxies, NODE_OPTIONS) stays there, and a playbook does
 *   the same over `local` as over ssh
 */
export function localTransport(environment: Readonly<Record<string, string>> = loginEnvironment()): Transport {
  return {
    user: account().name,
    open: async (command, terminal = false) => {
      const [program, words] = terminal ? ['script', ['-qec', command, '/dev/null']] : ['/bin/sh', ['-c', command]]
      // A session of its own: the loop may end its whole process group, and a Ctrl-C at the terminal is not meant for it.
      const child = spawn(program, words, { detached: true, env: { ...environment }, cwd: '/', stdio: 'pipe' })
      // A machine may lack it, and then there is no terminal.
      if (terminal) await once(child, 'spawn')
      const { promise: closed, resolve } = Promise.withResolvers<string>()
      child.on('error', error => resolve(error.message))
      child.on('close', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit status ${code}`))
      // A broken pipe is told by `closed`.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined)
      return {
        input: child.stdin, output: child.stdout, errors: child.stderr, closed,
        destroy: () => {
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
          // It would keep its terminal open after its own input has ended.
          if (terminal) child.kill('SIGTERM')
        },
      }
    },
    close: async () => undefined,
  }
}

function loginEnvironment(): Readonly<Record<string, string>> {
  const { name, home } = account()
  return { HOME: home, USER: name, LOGNAME: name, PATH }
}

/** Whoever runs this process. The user of a container need not be in its passwd file: then it has a number and no home. */
export function account(): { readonly name: string; readonly home: string } {
  try {
    const { username, homedir } = userInfo()
    return { name: username, home: homedir }
  } catch {
    return { name: String(process.getuid?.() ?? 'unknown'), home: '/' }
  }
}
