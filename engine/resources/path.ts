/** A path of the target, cut where the last name begins. */
export interface TargetPath {
  /** Absolute and without `.`, `..`, doubled or trailing slashes. */
  readonly whole: string
  /** The directory it is in; `/` for names at the top. */
  readonly directory: string
  /** Its last name; empty for `/` itself. */
  readonly name: string
}

/** NAME_MAX and PATH_MAX of Linux, in bytes; PATH_MAX counts the closing NUL. */
const NAME_BYTES = 255
const PATH_BYTES = 4095

/**
 * Reads a path of the target as an author wrote it.
 *
 * @param path absolute; doubled and trailing slashes and `.` are dropped
 * @throws TypeError when it is relative, holds `..` or a NUL byte, or is longer than Linux takes. `..` is refused because behind a symbolic link
 *   it means another directory than it seems to.
 */
export function targetPath(path: string): TargetPath {
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  const problem = !path.startsWith('/') ? 'must be absolute'
    : parts.includes('..') ? 'must not contain ".."'
    : path.includes('\0') ? 'must not contain a NUL byte'
    : parts.some(part => Buffer.byteLength(part) > NAME_BYTES) ? `has a name of more than ${NAME_BYTES} bytes`
    : Buffer.byteLength(path) > PATH_BYTES ? `is longer than ${PATH_BYTES} bytes`
    : undefined
  if (problem) throw new TypeError(`path ${problem}, got ${JSON.stringify(path)}`)
  return { whole: `/${parts.join('/')}`, directory: `/${parts.slice(0, -1).join('/')}`, name: parts.at(-1) ?? '' }
}

/** The same for kinds that need a name inside a directory. @throws TypeError as above, and for `/`. */
export function namedPath(path: string): TargetPath {
  const target = targetPath(path)
  if (target.name === '') throw new TypeError('path must name something below "/", got "/"')
  return target
}
