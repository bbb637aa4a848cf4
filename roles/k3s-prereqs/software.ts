import { command, copy, download, sh, waitFor, type Command, type Item } from 'ts-play'
import { k3sPaths } from '../k3s/paths.ts'
import { releaseSuffix } from '../k3s/version.ts'

export interface K3sSoftware {
  readonly version: string
  /** From `uname -m`. */
  readonly architecture: string
  readonly binary: { readonly sha256: string; readonly file?: string | undefined; readonly url?: string | undefined }
  readonly images: readonly { readonly file: string; readonly sha256: string }[]
}

/** k3s of exactly one version, byte for byte: sent from the controller, or got by the host itself. What it lacks a registry for, k3s imports from its images folder. */
export function k3sSoftware({ version, architecture, binary, images }: K3sSoftware): Item[] {
  const path = k3sPaths.binary
  return [
    binary.file === undefined
      ? download({ url: binary.url ?? releaseUrl(version, architecture), path, sha256: binary.sha256, mode: 0o755 })
      : copy({ source: binary.file, path, mode: 0o755, validate: hasSum(binary.sha256) }),
    waitFor({
      name: `${path} is ${version}`,
      until: sh`said=$(${path} --version 2>&1 | head -n 1); case "$said " in ${`k3s version ${version} `}*) ;; *) echo "it says: $said" >&2; exit 1 ;; esac`,
      timeout: 10_000,
    }),
    command({ name: `make ${k3sPaths.images}`, run: sh`mkdir -p ${k3sPaths.images}`, creates: k3sPaths.images }),
    ...images.map(({ file, sha256 }) => copy({ source: file, path: `${k3sPaths.images}/${file.slice(file.lastIndexOf('/') + 1)}`, validate: hasSum(sha256) })),
  ]
}

/** @see https://github.com/k3s-io/k3s/releases */
function releaseUrl(version: string, architecture: string): string {
  return `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(version)}/k3s${releaseSuffix(architecture) ?? ''}`
}

/** Judges a file before it is in its place. */
function hasSum(sha256: string): Command {
  return sh`sh -c ${`sum=$(sha256sum <"$1" | cut -d' ' -f1); [ "$sum" = ${sha256} ] || { echo "its SHA-256 is $sum, and the inventory says ${sha256}" >&2; exit 1; }`} check`
}
