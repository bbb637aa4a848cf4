import { connect } from 'node:net'

/** A ProxyCommand: stdin and stdout to a host and port. */
const [host = '', port = ''] = process.argv.slice(2)
const socket = connect(Number(port), host)
process.stdin.pipe(socket)
socket.pipe(process.stdout)
socket.on('close', () => process.exit(0))
