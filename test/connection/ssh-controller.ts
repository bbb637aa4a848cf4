import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { target } from './open.ts'

/** A controller of its own that holds a connection by the system's ssh, for tests that kill it. */
const [port = '', privateKeyFile = '', knownHosts = ''] = process.argv.slice(2)
const session = await connect(target({ name: 'h1', connection: 'openssh', port: Number(port), privateKeyFile, knownHostsFiles: [knownHosts] }))
if (isFailure(session)) throw new Error(session.message)
const shell = await session.shell(undefined)
if (isFailure(shell)) throw new Error(shell.message)
process.stdout.write('connected\n')
setInterval(() => undefined, 60_000)
