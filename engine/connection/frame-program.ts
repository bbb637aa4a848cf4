import { quote } from '../model/command.ts'
import type { Section } from '../model/session.ts'

/** Helper texts of one shell: each is sent once and known by its number after. */
export interface HelperNumbers {
  get(text: string): number | undefined
}

/** From this size on (bytes) a payload waits on the host's disk instead of in memory. */
export const SPOOL_SIZE = 1024 * 1024

/** Name of a section's stdin in the host's private folder. */
export function stdinFile({ frame, section, size }: { frame: number; section: number; size: number }): string {
  return `${size > SPOOL_SIZE ? 's/' : ''}${frame}.i.${section}`
}

/**
 * The sh text of a frame: each section in a subshell of its own, its text behind `eval`, so that neither a syntax error nor `exit` reaches the others.
 *
 * Called as `program FOLDER FRAME FIRST`: sections before FIRST are left out. The loop starts a frame again in this way after a section killed its
 * shell; a `stop` section right before FIRST is the one that did, and ends the frame.
 *
 * @param sizes bytes of each section's stdin; `undefined` without one
 */
export function frameProgram(frame: number, sections: readonly Section[], { sizes, helpers }: { sizes: readonly (number | undefined)[]; helpers: HelperNumbers }): string {
  const used = new Set(sections.flatMap(({ helpers: text }) => (text === undefined ? [] : [helpers.get(text)])))
  const lines = [
    '_tsp_d=$1 _tsp_f=$1/$2 _tsp_k=$3; set --; echo $$ >"$_tsp_f.g"; cd /',
    ...[...used].map(number => `[ -s "$_tsp_d/h.${number}.bad" ] || . "$_tsp_d/h.${number}"`),
    ...sections.map((section, index) => {
      const size = sizes[index]
      const input = size === undefined ? '/dev/null' : `"$_tsp_d/${stdinFile({ frame, section: index, size })}"`
      const checks = [
        ...(section.helpers === undefined ? [] : [broken(`"$_tsp_d/h.${helpers.get(section.helpers)}.bad"`)]),
        ...(size === undefined || size <= SPOOL_SIZE ? [] : [broken(`"$_tsp_f.b.${index}"`)]),
      ].join('')
      const stop = section.onFailure === 'stop'
      const run = `( ${checks}eval ${quote(section.script)} ) 2>"$_tsp_f.e.${index}" >"$_tsp_f.o.${index}" <${input}; _tsp_s=$?; echo $_tsp_s >>"$_tsp_f.s"`
      return `if [ $_tsp_k -le ${index} ]; then ${run}${stop ? '; [ $_tsp_s = 0 ] || exit 0' : ''}${stop ? `; elif [ $_tsp_k = ${index + 1} ]; then exit 0` : ''}; fi`
    }),
    'exit 0',
  ]
  return `${lines.join('\n')}\n`
}

/** What was wrong with a section's helper or payload is its own stderr and failure. */
function broken(file: string): string {
  return `[ ! -s ${file} ] || { cat ${file} >&2; exit 2; }; `
}
