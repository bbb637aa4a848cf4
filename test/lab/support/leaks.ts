import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A value that must be nowhere, by a name for messages. */
export type Secrets = Readonly<Record<string, string>>

/** All that a value may look like to somebody who looks: as it is, in base64 at each of three offsets, hex, percent-encoded, as JSON. */
export function disguises(value: string): readonly { readonly form: string; readonly bytes: Buffer }[] {
  const bytes = Buffer.from(value, 'utf8')
  // The characters that also depend on the neighbours are left out.
  const base64 = [0, 1, 2].map(offset => Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)))
  const hex = bytes.toString('hex')
  const percent = encodeURIComponent(value)
  const forms: readonly (readonly [string, string])[] = [
    ['plain', value],
    ...base64.flatMap(text => [['base64', text] as const, ['base64', text.replaceAll('+', '-').replaceAll('/', '_')] as const]),
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['percent-encoded', percent],
    ['percent-encoded', percent.toLowerCase()],
    ['JSON', JSON.stringify(value).slice(1, -1)],
  ]
  return forms.map(([form, text]) => ({ form, bytes: Buffer.from(text, 'utf8') }))
}

/** What of `secrets` stands in `where`: `name (form)`, each once. */
export function leaksIn(where: Buffer, secrets: Secrets): readonly string[] {
  return [...new Set(Object.entries(secrets).flatMap(([name, value]) => disguises(value).filter(({ bytes }) => where.includes(bytes)).map(({ form }) => `${name} (${form})`)))]
}

/** Arguments and environments of all processes, read over and over while something runs: what was seen, each line once. */
export interface Sampling {
  /** Ends it, and gives what was seen. */
  readonly end: () => Promise<{ readonly seen: Buffer; readonly passes: number }>
}

/** Looks as often as it can until its input ends; the file is how the one that reads tells the one that looks. */
const LOOK = `stop=$(mktemp); exec 3<&0; (cat <&3 >/dev/null; echo end >"$stop") & n=0; echo begun
while [ ! -s "$stop" ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; n=$((n+1)); echo "passes: $n"; done | awk '!seen[$0]++'; rm -f "$stop"`

/**
 * Samples a machine.
 *
 * @param run program and words that run a script on the machine; default: on this one
 */
export async function sampleProcesses(run: (script: string) => readonly [string, ...string[]] = script => ['sh', '-c', script]): Promise<Sampling> {
  const [program, ...words] = run(LOOK)
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return {
    async end() {
      child.stdin.end()
      await once(child, 'close')
      const seen = Buffer.concat(chunks)
      return { seen, passes: seen.toString('latin1').match(/^passes: /gm)?.length ?? 0 }
    },
  }
}
