import { directory, fact, file, flush, handler, service, sh, waitFor, type Item } from 'ts-play'
import { containerdConfig, parseContainerdVersion, type ContainerdSettings, type ContainerdVersion } from './containerd.ts'

const restartContainerd = handler('restart containerd', service({ name: 'containerd', state: 'restarted' }))

/** The installed containerd, which decides what its configuration looks like. */
export const containerdVersion = fact({
  name: 'containerd',
  lifetime: 'volatile',
  query: sh`containerd --version 2>/dev/null`,
  parse: parseContainerdVersion,
  standIn: (seed): ContainerdVersion | 'absent' => (seed === 'a' ? { major: 1, minor: 7 } : { major: 2, minor: 3 }),
})

/** containerd as Kubernetes needs it, and proof that it took the settings: names of another version's format are ignored in silence. */
export function runtime(version: ContainerdVersion, settings: ContainerdSettings): Item[] {
  return [
    directory({ path: '/etc/containerd' }),
    file({ path: '/etc/containerd/config.toml', content: containerdConfig(version, settings) }, { notify: [restartContainerd] }),
    service({ name: 'containerd', state: 'running', enabled: true }),
    flush(),
    waitFor({
      name: 'containerd uses its settings',
      until: sh`
        dump=$(containerd config dump)
        for setting in 'SystemdCgroup = true' ${settings.sandboxImage} ${`restrict_oom_score_adj = ${settings.restrictOomScoreAdj}`}; do
          printf '%s' "$dump" | grep -qF "$setting" || { echo "containerd config dump does not show $setting" >&2; exit 1; }
        done
        ctr --connect-timeout 2s version >/dev/null`,
      timeout: 30_000,
    }),
  ]
}
