import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Shell } from './shells.ts'

/** Stand-ins for the tools in PATH that run the real ones, count them, and can kill the whole script at one of them. */
export interface ToolShim {
  readonly tools: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** The names of the tools that were run, in order. */
  used(): readonly string[]
}

const TOOLS = 'awk base64 basename cat chgrp chmod chown cmp cp curl cut date dd diff dirname env find getent grep gzip head id install ln ls mkdir mktemp mv od '
  + 'printf readlink rm rmdir sed seq sha256sum sort stat sync tail tar tee test touch tr true uname uniq unzip wc wget xargs xz zcat'

/**
 * @param where.kill SIGKILL for the process group before or after the nth tool (from 1)
 * @param where.also further tools to stand in for, found in the shell's PATH or in `below`
 */
export function toolShim(where: { folder: string; shell: Shell; kill?: { at: number; when: 'before' | 'after' }; also?: readonly string[]; below?: readonly string[] }): ToolShim {
  const { folder, shell, kill, also = [], below = [] } = where
  const path = [...below, shell.path].join(':')
  const bin = join(folder, 'shim')
  const log = join(folder, 'used')
  mkdirSync(bin, { recursive: true })
  writeFileSync(log, '')
  chmodSync(log, 0o666)
  const script = join(folder, 'shim.sh')
  writeFileSync(script, `#!/bin/sh
tool=\${0##*/}
echo "$tool" >>'${log}'
count=0
while read -r _; do count=$((count + 1)); done <'${log}'
if [ "$count" = "$TSP_KILL_AT" ] && [ "$TSP_KILL_WHEN" = before ]; then kill -9 0; fi
PATH='${path}' "$tool" "$@"
status=$?
if [ "$count" = "$TSP_KILL_AT" ] && [ "$TSP_KILL_WHEN" = after ]; then kill -9 0; fi
exit $status
`, { mode: 0o755 })
  for (const tool of [...TOOLS.split(' '), ...also]) {
    if (!existsSync(join(bin, tool)) && path.split(':').some(place => existsSync(join(place, tool)))) symlinkSync(script, join(bin, tool))
  }
  return {
    tools: [bin, ...below],
    environment: { TSP_KILL_AT: String(kill?.at ?? 0), TSP_KILL_WHEN: kill?.when ?? 'before' },
    used: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
  }
}
