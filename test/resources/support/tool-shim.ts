import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Shell } from './shells.ts'

/** What happens at the nth tool of a script (from 1), as `sh` text; a kill unless something else is named. */
export interface Happening {
  readonly at: number
  readonly when: 'before' | 'after'
  readonly what?: string
}

/** Stand-ins for the tools in PATH that run the real ones, count them, and let something happen at one of them. */
export interface ToolShim {
  readonly tools: readonly string[]
  /** The names of the tools that were run, in order. */
  used(): readonly string[]
}

const TOOLS = 'awk base64 basename cat chgrp chmod chown cmp cp curl cut date dd diff dirname env find getent grep gzip head id install ln ls mkdir mktemp mv od '
  + 'printf readlink rm rmdir sed seq sha256sum sort stat sync tail tar tee test touch tr true uname uniq unzip wc wget xargs xz zcat'

/**
 * @param where.also further tools to stand in for, found in the shell's PATH or in `below`
 */
export function toolShim(where: { folder: string; shell: Shell; happening?: Happening; also?: readonly string[]; below?: readonly string[] }): ToolShim {
  const { folder, shell, happening, also = [], below = [] } = where
  const path = [...below, shell.path].join(':')
  const bin = join(folder, 'shim')
  const log = join(folder, 'used')
  mkdirSync(bin, { recursive: true })
  writeFileSync(log, '')
  chmodSync(log, 0o666)
  const script = join(folder, 'shim.sh')
  writeFileSync(script, `#!/bin/sh
tool=\${0##*/}
# Its own line, not the number of lines: the tools of a pipeline start at the same time.
echo "$tool $$" >>'${log}'
line=0 count=0
while read -r entry; do line=$((line + 1)); [ "$entry" != "$tool $$" ] || count=$line; done <'${log}'
PATH='${path}'
happen() { if [ "$count-$1" = '${happening?.at}-${happening?.when}' ]; then ${happening?.what ?? 'kill -9 0'}; fi; }
happen before
"$tool" "$@"
status=$?
happen after
exit $status
`, { mode: 0o755 })
  for (const tool of [...TOOLS.split(' '), ...also]) {
    if (!existsSync(join(bin, tool)) && path.split(':').some(place => existsSync(join(place, tool)))) symlinkSync(script, join(bin, tool))
  }
  return {
    tools: [bin, ...below],
    used: () => readFileSync(log, 'utf8').split('\n').filter(Boolean).map(entry => entry.split(' ')[0] ?? entry),
  }
}
