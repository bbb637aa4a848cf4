import { fingerprintsOf, role, sh, type Command } from 'ts-play'
import { kubernetesVersion } from '../kubernetes/variables.ts'
import { parseVersion } from '../kubernetes/version.ts'
import { Software } from '../outputs.ts'
import { parseBundle } from './bundle.ts'
import { kubernetesFingerprint } from './signing-key.ts'
import { software as choice } from './variables.ts'

/**
 * Looks, on the controller, where the Kubernetes binaries come from: which files an air-gap bundle has, or the key by which a package repository is
 * known. Read only. The key is fetched here once instead of on every host, and trusted for its fingerprint, which stands in this repository.
 */
export const software = role('software', {
  vars: { kubernetesVersion, software: choice },
  outputs: { software: Software },
  produce: {
    software: async ({ vars, on }): Promise<Software> => {
      const { software: wanted } = vars
      if (wanted.from === 'bundle') {
        const folder = (await on.query(sh`cd ${underHome(wanted.folder)} && pwd`)).trim()
        const bundle = parseBundle(await on.query(sh`cat ${`${folder}/bundle.json`}`), folder)
        if (bundle.version !== vars.kubernetesVersion) throw new Error(`the bundle in ${folder} is of Kubernetes ${bundle.version}, and kubernetesVersion is ${vars.kubernetesVersion}`)
        return { ...bundle, mounted: wanted.mounted }
      }
      const { minor } = parseVersion(vars.kubernetesVersion)
      const uri = wanted.uri ?? `https://pkgs.k8s.io/core:/stable:/v1.${minor}/deb/`
      if (wanted.keyring !== undefined) return { from: 'repository', uri, key: await on.query(sh`cat ${underHome(wanted.keyring)}`), revision: wanted.revision }
      const key = await on.query(sh`curl -fsSL --max-time 30 ${`${uri.replace(/\/*$/, '/')}Release.key`}`)
      const found = fingerprintsOf(key)
      // Exactly this key: a second one behind it would be trusted as well.
      if (found.length !== 1 || found[0] !== kubernetesFingerprint)
        throw new Error(`${uri} is signed by ${found.join(' and ') || 'no OpenPGP key'}, not by Kubernetes (${kubernetesFingerprint}): name its key with software.keyring if that is right`)
      return { from: 'repository', uri, key, revision: wanted.revision }
    },
  },
})

/** `~/` is whoever runs ts-play; everything else is quoted, so that no path is ever read as shell. */
function underHome(path: string): Command {
  return path.startsWith('~/') ? sh`"$HOME"/${path.slice(2)}` : sh`${path}`
}
