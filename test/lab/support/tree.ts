import type { Lab } from '../lab.ts'

/** Every path of a host outside the kernel's own trees with type, mode, owner, size, modification time and inode, and the hash of every file: what "nothing was written" means. */
export async function treeOf(lab: Lab, host: string): Promise<string> {
  const skip = ['/proc', '/sys', '/dev', '/run', '/var/log', '/media'].map(path => `-path ${path} -prune -o`).join(' ')
  // A host answers ssh before it has finished booting.
  const command = `systemctl is-system-running --wait >/dev/null 2>&1; find / ${skip} -printf '%p %y %m %u:%g %s %T@ %i %l\\n' | sort; find / ${skip} -type f -print0 | sort -z | xargs -0 sha256sum`
  const { code, stdout, stderr } = await lab.console(host, command)
  if (code !== 0) throw new Error(`the tree of ${host} could not be read: ${stderr}`)
  return stdout
}
