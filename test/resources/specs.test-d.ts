import { secret } from '../../engine/model/secret.ts'
import { sh } from '../../engine/model/command.ts'
import { copy } from '../../engine/resources/copy.ts'
import { directory } from '../../engine/resources/directory.ts'
import { download } from '../../engine/resources/download.ts'
import { file } from '../../engine/resources/file.ts'
import { lineInFile } from '../../engine/resources/line-in-file.ts'
import { symlink } from '../../engine/resources/symlink.ts'
import { unarchive } from '../../engine/resources/unarchive.ts'

/** What the compiler refuses in a playbook author's editor. */
export const refused = (): unknown[] => [
  // @ts-expect-error a file that is there has content
  file({ path: '/x' }),
  // @ts-expect-error a file that is not there has none
  file({ path: '/x', state: 'absent', content: 'x' }),
  // @ts-expect-error a secret is no part of a path
  file({ path: secret`/x`, content: '' }),
  // @ts-expect-error a validator is a command, not a text
  file({ path: '/x', content: '', validate: 'visudo -cf' }),
  // @ts-expect-error a mode is a number
  file({ path: '/x', content: '', mode: '0644' }),
  // @ts-expect-error an unknown field
  directory({ path: '/x', modes: 0o755 }),
  // @ts-expect-error only a removal recurses
  directory({ path: '/x', recurse: true }),
  // @ts-expect-error a link needs a target
  symlink({ path: '/x' }),
  // @ts-expect-error a copy needs a source
  copy({ path: '/x', content: '' }),
  // @ts-expect-error a download needs its sum
  download({ url: 'https://x/y', path: '/x' }),
  // @ts-expect-error a pattern is a text, because specs are compared as data
  lineInFile({ path: '/x', line: 'x', match: /x/ }),
  // @ts-expect-error lines that go are found by a pattern or by themselves, not by both
  lineInFile({ path: '/x', line: 'x', match: 'x', state: 'absent' }),
  // @ts-expect-error an archive is here or there
  unarchive({ source: '/x', archive: '/x', path: '/y' }),
]

export const accepted = (): unknown[] => [
  file({ path: '/x', content: secret`x`, mode: 0o400, owner: 'etcd', group: 500, validate: sh`true`, backup: true }),
  file({ path: '/x', state: 'absent' }),
  directory({ path: '/x', state: 'absent', recurse: true }),
  lineInFile({ path: '/x', match: 'x', state: 'absent' }),
  unarchive({ archive: '/x', path: '/y', sha256: 'a'.repeat(64), stripComponents: 1 }),
]
