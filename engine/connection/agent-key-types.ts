import { connect } from 'node:net'

/** Milliseconds for an agent to say what it has. */
const PATIENCE = 2000
/** More bytes than any agent's list has. */
const MOST = 1024 * 1024

/** The types of the keys that an ssh-agent holds; none where there is no agent or no answer. It tells what ssh2 does not: certificates and FIDO keys. */
export function agentKeyTypes(socketPath: string): Promise<readonly string[]> {
  return new Promise(resolve => {
    const socket = connect(socketPath)
    let heard = Buffer.alloc(0)
    const finish = (types: readonly string[]): void => {
      socket.destroy()
      resolve(types)
    }
    socket.setTimeout(PATIENCE, () => finish([]))
    socket.once('error', () => finish([]))
    socket.once('close', () => resolve([]))
    // A request for identities: one byte of length 1.
    socket.once('connect', () => void socket.write(Buffer.from([0, 0, 0, 1, 11])))
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      if (heard.length > MOST) finish([])
      else if (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE(0)) finish(typesIn(heard.subarray(4)))
    })
  })
}

/** An answer: 12, a count, then a key and a comment for each. */
function typesIn(answer: Buffer): string[] {
  const types: string[] = []
  try {
    if (answer[0] !== 12) return []
    const count = answer.readUInt32BE(1)
    for (let at = 5, left = count; left > 0; left--) {
      const length = answer.readUInt32BE(at)
      types.push(answer.toString('latin1', at + 8, at + 8 + answer.readUInt32BE(at + 4)))
      at += 4 + length
      at += 4 + answer.readUInt32BE(at)
    }
  } catch {
    // Cut off: what was read is what there is.
  }
  return types
}
