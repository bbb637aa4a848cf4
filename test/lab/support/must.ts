import type { Lab } from '../lab.ts'

/** stdout of a command that has to succeed on a host. @throws Error with what it said otherwise */
export async function must(lab: Lab, host: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(host, command)
  if (code !== 0) throw new Error(`status ${code} on ${host}: ${stderr}`)
  return stdout
}
