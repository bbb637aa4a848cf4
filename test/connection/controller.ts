import { isFailure } from '../../engine/connection/failure.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import { calm, target } from './open.ts'

/** A controller of its own, for tests that kill or freeze it: opens a shell, says its folder, runs one frame and waits. */
const [script = '', mode = 'change', patience = '30'] = process.argv.slice(2)
const shell = await openShell(localTransport(), { target: target(), user: undefined, options: { patience: Number(patience) } })
if (isFailure(shell)) throw new Error(shell.message)
process.stdout.write(`${shell.capabilities.folder}\n`)
if (mode !== 'idle') await shell.apply({ sections: [{ script }], deadline: 60_000, killable: mode === 'killable' }, calm)
setInterval(() => undefined, 60_000)
