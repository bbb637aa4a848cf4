import { localTransport } from '../../../engine/connection/local.ts'

/**
 * One channel of the local transport of the machine that this runs on, as this process's own stdin, stdout and stderr:
 * `local-bridge.ts plain|terminal COMMAND-IN-BASE64`. It ends with the channel, and ends the channel when its own input has ended.
 */
const [kind, command = ''] = process.argv.slice(2)
const channel = await localTransport().open(Buffer.from(command, 'base64').toString('utf8'), kind === 'terminal')
process.stdin.on('data', chunk => void channel.input.write(chunk))
process.stdin.on('end', () => {
  channel.input.end()
  setTimeout(() => channel.destroy(), 2000).unref()
})
channel.output.pipe(process.stdout)
channel.errors.pipe(process.stderr)
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    channel.destroy()
    process.exit(1)
  })
}
await channel.closed
process.stdin.destroy()
