import { fact, sh } from 'ts-play'

/** TCP ports that something listens on, from the kernel's own tables: no tool needed. */
export const listening = fact({
  name: 'listening',
  query: sh`cat /proc/net/tcp /proc/net/tcp6 2>/dev/null`,
  parse: parseListening,
})

/** Lines like `0: 0100007F:1F90 00000000:0000 0A …`: local address and port in hexadecimal, then the state, 0A being LISTEN. */
export function parseListening(stdout: string): readonly number[] {
  const ports = stdout.split('\n').flatMap(line => {
    const port = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /.exec(line)?.[1]
    return port === undefined ? [] : [Number.parseInt(port, 16)]
  })
  return [...new Set(ports)].toSorted((a, b) => a - b)
}
