import { randomBytes } from 'node:crypto'
import { quote } from '../model/command.ts'
import { EXPECTED_BYTES, type Expectation } from '../model/expectation.ts'
import type { Section } from '../model/session.ts'
import { sourced, type HelperNumbers } from './helper.ts'
import { saysAlone, sharedLooks } from './shared-looks.ts'
import { uploadedFile } from './upload.ts'

/** From this size on (bytes) a payload waits on the host's disk instead of in memory. */
export const SPOOL_SIZE = 1024 * 1024

/** Name of a section's stdin in the host's private folder. */
export function stdinFile({ frame, section, size }: { frame: number; section: number; size: number }): string {
  return `${size > SPOOL_SIZE ? 's/' : ''}${frame}.i.${section}`
}

/**
 * The sh text of a frame: each section in a subshell of its own, its text behind `eval`, so that neither a syntax error nor `exit` reaches the others.
 * Helpers are sourced where the one in force changes, so a name that two helpers define means to each section what its own helper says.
 *
 * The frame loop sources it with `_t_d` (the private folder), `_t_f` (the frame's files) and `_t_from`: sections before that one are left out. A frame
 * goes on in this way after a section killed its shell; a `stop` section right before `_t_from` is the one that did, and ends the frame.
 *
 * Output files are appended to, so that a program that opens /dev/stderr anew does not write over what was said before.
 *
 * It returns 3 after a section that stopped the frame, because it failed or did not say what it was expected to, and 0 after the last one.
 *
 * @param sizes bytes of each section's stdin; `undefined` without one
 * @param looks nothing changes between the sections, so they may share their looks
 * @param uploaded SHA-256 of a section's stdin that was uploaded before; it is removed when the section is over
 */
export function frameProgram(frame: number, sections: readonly Section[], { sizes, uploaded = [], helpers, looks = false }: { sizes: readonly (number | undefined)[]; uploaded?: readonly (string | undefined)[]; helpers: HelperNumbers; looks?: boolean }): string {
  const shared = looks ? sharedLooks(sections, helpers) : undefined
  /** How many sections that may change the host have begun. */
  let changes = 0
  const lines = sections.map((section, index) => {
    const size = sizes[index]
    const helper = section.helpers === undefined ? undefined : helpers.get(section.helpers)
    const sum = uploaded[index]
    const input = sum !== undefined ? uploadedFile(sum) : size === undefined ? '/dev/null' : `"$_t_d/${stdinFile({ frame, section: index, size })}"`
    const checks = [
      ...(helper === undefined ? [] : [broken(`"$_t_d/h.${helper}.bad"`)]),
      ...(size === undefined || size <= SPOOL_SIZE ? [] : [broken(`"$_t_f.b.${index}"`)]),
    ].join('')
    // For scripts that know of it: a file of ours that may be taken instead of copied; a place for notes to later sections of the frame, and after how many changes this one comes, so
    // that a note from before another change is none; for a change a name that nobody on the host can guess. Not of the environment, which others of the same user read.
    if (section.onFailure === 'stop') changes++
    const random = looks || section.expects !== undefined ? '' : ` TSP_RANDOM=${randomBytes(8).toString('hex')}`
    const turn = looks ? '' : ` TSP_TURN=${changes}`
    const variables = `TSP_NOTE=$_t_f.k${sum === undefined ? '' : ` TSP_INPUT=${uploadedFile(sum)}`}${random}${turn}; `
    const source = helper === undefined ? '' : sourced(helper)
    const whole = `( cd /; ${checks}${variables}${shared?.places[index] ?? ''}eval ${quote(section.script)} ) 2>>"$_t_f.e.${index}" >>"$_t_f.o.${index}" <${input}; _t_s=$?`
    const says = looks ? shared?.says[index] : saysAlone(section)
    const told = helper === undefined || says === undefined ? whole : `if { [ "$_t_h" = ${helper} ] && ${says}; } >>"$_t_f.o.${index}"; then _t_s=0; else ${whole}; fi`
    const run = `${source}${told}; echo $_t_s >>"$_t_f.s"${sum === undefined ? '' : `; rm -f ${uploadedFile(sum)}`}`
    const unlike = section.expects === undefined ? '' : `; ${unexpected(`"$_t_f.o.${index}"`, section.expects)}`
    const stop = section.onFailure === 'stop' || section.expects !== undefined ? { after: `; [ $_t_s = 0 ] || return 3${unlike}`, died: `; elif [ $_t_from = ${index + 1} ]; then return 3` } : { after: '', died: '' }
    return `${shared?.first === index ? shared.program : ''}if [ $_t_from -le ${index} ]; then ${run}${stop.after}${stop.died}; fi\n`
  })
  return `${sections.some(({ expects }) => expects !== undefined) ? READ : ''}${lines.join('')}return 0\n`
}

/** Reads a file without a process; no more than what can be expected, because shells read byte by byte. */
const READ = `_t_read() {
  _t_x= _t_y=
  while [ \${#_t_x} -le ${EXPECTED_BYTES} ] && IFS= read -r _t_y; do _t_x="$_t_x$_t_y
"; _t_y=; done <"$1"
  _t_x=$_t_x$_t_y
}
`

function unexpected(file: string, expects: Expectation): string {
  return `_t_read ${file}; case $_t_x in ${expects.map(piece => (piece === '' ? '' : quote(piece))).join('*') || "''"}) ;; *) return 3 ;; esac`
}

/** What was wrong with a section's helper or payload is its own stderr and failure. */
function broken(file: string): string {
  return `[ ! -s ${file} ] || { cat ${file} >&2; exit 2; }; `
}
