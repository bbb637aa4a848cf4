import { absent, modifies, value, type Change } from '../model/change.ts'
import { raw, sh } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { configFileShell } from './config-file.ts'
import { turnsPath } from './turning.ts'

export interface KernelModuleSpec {
  /** As modprobe knows it; `-` and `_` are the same. */
  readonly name: string
  /** Whether it is to be there after the next boot too (modules-load.d(5)); default true. */
  readonly persist?: boolean
}

interface KernelModuleState {
  /** `built-in` needs no loading, now or later. */
  readonly loaded: 'module' | 'built-in' | 'no'
  readonly persisted: boolean
}

/** What a module brings that /sys/module and modules.builtin do not show where it is built in and /lib/modules is not installed. */
const WITNESSES: Readonly<Record<string, string>> = {
  br_netfilter: '/proc/sys/net/bridge',
  ip_vs: '/proc/net/ip_vs',
  ip_tables: '/proc/net/ip_tables_names',
  ip6_tables: '/proc/net/ip6_tables_names',
  nf_conntrack: '/proc/sys/net/netfilter/nf_conntrack_max',
}

/**
 * A kernel module that is there now, and after the next boot.
 *
 * Built into the kernel counts as loaded and persisted: kernels without module support have no /proc/modules, and loading a module
 * that is built in fails at boot where /lib/modules is not installed. Check mode only looks.
 */
export const kernelModule = resource<KernelModuleSpec, KernelModuleState>({
  kind: 'kernel-module',
  id: nameOf,
  helpers: configFileShell,
  probe(spec) {
    const name = nameOf(spec)
    const either = name.replaceAll('_', '[-_]')
    const witness = WITNESSES[name] ?? `/sys/module/${name}`
    return sh`set -u
if grep -qs ${`^${name} `} /proc/modules; then echo module
elif [ -e ${`/sys/module/${name}`} ] || [ -e ${witness} ] || grep -qs ${`[[:space:]]${either}$`} /proc/filesystems ||
  grep -qs ${`/${either}[.]ko`} "/lib/modules/$(uname -r)/modules.builtin"; then echo built-in
else echo no
fi
if grep -qs ${`^[[:space:]]*${either}[[:space:]]*$`} /etc/modules-load.d/*.conf /run/modules-load.d/*.conf /usr/local/lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /etc/modules
then echo yes; else echo no; fi
`
  },
  parse({ stdout }) {
    const [loaded, persisted] = stdout.split('\n')
    if (loaded !== 'module' && loaded !== 'built-in' && loaded !== 'no') throw new Error('expected module, built-in or no')
    return { loaded, persisted: persisted === 'yes' }
  },
  plan({ spec, state }) {
    const changes: Change[] = []
    if (state.loaded === 'no') changes.push(modifies('loaded', value(false), value(true)))
    if (spec.persist !== false && state.loaded !== 'built-in' && !state.persisted) changes.push(modifies('persisted', absent, value(fileOf(spec))))
    return changes
  },
  turnedBy: ({ spec }, effect) => turnsPath(effect, fileOf(spec)),
  apply({ spec, changes }) {
    const differs = new Set(changes.map(change => change.attribute))
    return sh`set -eu
${differs.has('loaded') ? sh`command -v modprobe >/dev/null || { echo 'no modprobe on this host: install kmod' >&2; exit 1; }
modprobe ${nameOf(spec)}` : raw('')}
${differs.has('persisted') ? sh`echo ${nameOf(spec)} | tsp_put ${fileOf(spec)}` : raw('')}
`
  },
})

function fileOf(spec: KernelModuleSpec): string {
  return `/etc/modules-load.d/ts-play-${nameOf(spec)}.conf`
}

/** The kernel's own spelling. @throws TypeError for what can be no module */
function nameOf({ name }: KernelModuleSpec): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a kernel module`)
  return name.replaceAll('-', '_')
}
