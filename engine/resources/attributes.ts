import { modifies, value, type Change } from '../model/change.ts'

/** Permission bits and owners as an author wishes them; what is left out is not managed. */
export interface Attributes {
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode?: number
  /** A user by name, or by id as a number or as digits. */
  readonly owner?: string | number
  /** A group by name, or by id as a number or as digits. */
  readonly group?: string | number
}

/** The same as found on the host. A name is `UNKNOWN` where the id has none. */
export interface FoundAttributes {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly user: string
  readonly group: string
}

/** Octal modes that were written in decimal far more often than anyone meant the odd bits they stand for. */
const DECIMAL_SLIPS = new Set([550, 555, 600, 640, 644, 660, 664, 666, 700, 710, 711, 750, 755, 770, 775, 777])

/** Only the attributes of a spec, with the mode that a kind has by default. */
export function managed({ mode, owner, group }: Attributes, defaultMode: number): Attributes {
  return { mode: mode ?? defaultMode, ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) }
}

/** @throws TypeError when a mode is out of range or decimal, or a name is none that chown takes. */
export function checkAttributes({ mode, owner, group }: Attributes): void {
  if (mode !== undefined) {
    if (DECIMAL_SLIPS.has(mode)) throw new TypeError(`mode must be octal, got the decimal ${mode}: write 0o${mode}`)
    if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) throw new TypeError(`mode must be a whole number from 0 to 0o7777, got ${mode}`)
  }
  for (const [field, wanted] of [['owner', owner], ['group', group]] as const) {
    if (wanted === undefined || (typeof wanted === 'number' && Number.isInteger(wanted) && wanted >= 0)) continue
    if (typeof wanted === 'number' || !/^[^:\s\0]+$/.test(wanted)) throw new TypeError(`${field} must be a name or an id, got ${JSON.stringify(wanted)}`)
  }
}

/** Four octal digits, as `stat` and administrators write it. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

/** What differs between wish and finding. For something absent every wish is a change. */
export function attributeChanges(wanted: Attributes, found: FoundAttributes | undefined): Change[] {
  const changes: Change[] = []
  const differs = (attribute: string, from: string | undefined, to: string): void => {
    changes.push(modifies(attribute, from === undefined ? { type: 'absent' } : value(from), value(to)))
  }
  if (wanted.mode !== undefined && wanted.mode !== found?.mode) differs('mode', found && octal(found.mode), octal(wanted.mode))
  if (wanted.owner !== undefined && !(found && isNamed(wanted.owner, found.uid, found.user))) differs('owner', found?.user, String(wanted.owner))
  if (wanted.group !== undefined && !(found && isNamed(wanted.group, found.gid, found.group))) differs('group', found?.group, String(wanted.group))
  return changes
}

/** The word for chmod: five digits, because GNU chmod clears setgid of a directory only when told so with a leading zero; empty where the mode is not managed. */
export function modeWord({ mode }: Pick<Attributes, 'mode'>): string {
  return mode === undefined ? '' : `0${octal(mode)}`
}

/**
 * The word for umask with which a shell's new file has the mode at once, three octal digits; empty where there is none: a shell asks for 0666. Nor is there one where the file is to
 * get `another` owner, and its group may more than everybody: until then that is the group of whoever made it, or of the directory.
 */
export function umaskWord({ mode }: Pick<Attributes, 'mode'>, owner: 'ours' | 'another'): string {
  if (mode === undefined || (mode & ~0o666) !== 0 || (owner === 'another' && ((mode >> 3) & ~mode & 0o7) !== 0)) return ''
  return (0o777 & ~mode).toString(8).padStart(3, '0')
}

/** The word for chown, `user:group`; a side that is not given is left empty, and nothing at all gives the empty word. */
export function ownerWord({ owner = '', group = '' }: Pick<Attributes, 'owner' | 'group'>): string {
  return group === '' ? String(owner) : `${owner}:${group}`
}

function isNamed(wanted: string | number, id: number, name: string): boolean {
  return /^\d+$/.test(String(wanted)) ? Number(wanted) === id : wanted === name
}
