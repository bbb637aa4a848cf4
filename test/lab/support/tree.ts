import type { Lab } from '../lab.ts'

/** What to leave out of a tree: `contents` saves the time to read every file; a change of one still shows in its time of change, which is added. */
type Without = 'contents' | undefined

/** Every path of a host outside the kernel's own trees with type, mode, owner, size, modification time and inode, and the hash of every file: what "nothing was written" means. */
export async function treeOf(lab: Lab, host: string, without?: Without): Promise<string> {
  // Packages in apt's cache are hard links that labs share.
  const skip = ['/proc', '/sys', '/dev', '/run', '/var/log', '/media', ...(without === 'contents' ? ['/var/cache/apt/archives'] : [])].map(path => `-path ${path} -prune -o`).join(' ')
  // A host answers ssh before it has finished booting.
  const command = `systemctl is-system-running --wait >/dev/null 2>&1; find / ${skip} -printf '%p %y %m %u:%g %s %T@${without === 'contents' ? ' %C@' : ''} %i %l\\n' | sort${without === 'contents' ? '' : `; find / ${skip} -type f -print0 | sort -z | xargs -0 sha256sum`}`
  const { code, stdout, stderr } = await lab.console(host, command)
  if (code !== 0) throw new Error(`the tree of ${host} could not be read: ${stderr}`)
  return stdout
}

/** Waits until a host has stopped writing by itself, as it does for some seconds after its boot. */
export async function untilStill(lab: Lab, host: string): Promise<void> {
  const until = Date.now() + 60_000
  for (let [before, after] = ['', await treeOf(lab, host, 'contents')]; before !== after; [before, after] = [after, await treeOf(lab, host, 'contents')])
    if (Date.now() > until) throw new Error(`${host} goes on writing by itself`)
}
