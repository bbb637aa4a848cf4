import type { Task } from '../../../engine/model/task.ts'
import { localHost } from './local-host.ts'
import { scratch } from './scratch.ts'
import { anyShell } from './shells.ts'
import { toolShim } from './tool-shim.ts'

/** The external tools that one probe of a task runs: each is a fork, and forks are what a probe costs. */
export async function toolsOfProbe(task: Task): Promise<readonly string[]> {
  const folder = scratch()
  const shim = toolShim({ folder, shell: anyShell })
  await localHost({ shell: anyShell, scratch: folder, tools: shim.tools }).look(task)
  return shim.used()
}
