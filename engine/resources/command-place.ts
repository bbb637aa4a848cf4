import { quote, raw, sh, type Command } from '../model/command.ts'
import type { Script } from '../model/script.ts'
import { Secret, secret } from '../model/secret.ts'

/** Where a command runs, and what is set there. */
export interface Place {
  /** For the command and its guards. Secrets travel on stdin. */
  readonly environment?: Readonly<Record<string, string | Secret<string>>>
  /** For the command and its guards; has to exist. */
  readonly workingDirectory?: string
}

/** A script in the spec's folder and environment. Secret variables come first on stdin: their number of lines, then `export` lines. */
export function inPlace({ environment = {}, workingDirectory }: Place, stdin: string | Secret<string> | undefined, script: Command): Script {
  const folder = workingDirectory === undefined ? sh`` : sh`cd -- ${workingDirectory} || exit\n`
  const open: string[] = []
  let hidden: Secret<string> | undefined
  for (const [name, given] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of an environment variable`)
    if (given instanceof Secret) hidden = secret`${hidden ?? ''}export ${name}=${given.map(quote)}\n`
    else open.push(`export ${name}=${quote(given)}\n`)
  }
  const before = sh`${raw(open.join(''))}${hidden === undefined ? sh`` : receive}${folder}`
  const payload = hidden === undefined ? stdin : secret`${hidden.map(lines => String(lines.split('\n').length - 1))}\n${hidden}${stdin ?? ''}`
  return { command: sh`${before}${script}`, ...(payload === undefined ? {} : { stdin: payload }) }
}

/** `read` takes one byte at a time, so what follows is left for the command; the text was quoted by us. */
const receive = raw(String.raw`IFS= read -r tsp_lines
tsp_text=
while [ "$tsp_lines" -gt 0 ]; do
  IFS= read -r tsp_line
  tsp_text="$tsp_text$tsp_line
"
  tsp_lines=$((tsp_lines - 1))
done
eval "$tsp_text"
unset tsp_lines tsp_line tsp_text
`)
