import { Secret } from '../model/secret.ts'

/** Asks for a password on the terminal without showing it. @throws when there is no terminal to ask on, or on Ctrl-C. */
export async function askPassword(prompt: string): Promise<Secret<string>> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) {
    const chunks: Buffer[] = []
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
    const [line = ''] = Buffer.concat(chunks).toString('utf8').split('\n')
    if (line === '') throw new Error(`${prompt} nobody to ask: stdin is not a terminal and gave nothing`)
    return new Secret(line)
  }
  stderr.write(prompt)
  stdin.setRawMode(true)
  try {
    return new Secret(await readHidden(stdin))
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

function readHidden(input: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    const onData = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') return finish(() => resolve(typed))
        if (character === '\u0003') return finish(() => reject(new Error('interrupted')))
        if (character === '\u007f' || character === '\b') typed = Array.from(typed).slice(0, -1).join('')
        else typed += character
      }
    }
    const finish = (then: () => void): void => {
      input.off('data', onData)
      then()
    }
    input.on('data', onData)
    input.resume()
  })
}
