import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { $ } from 'zx'

/** Static binaries without the builder's paths in them; never another toolchain than the one that is there. */
const environment = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -trimpath -buildvcs=false', GOTOOLCHAIN: 'local' }

export interface GoBuild {
  /** Folder with the go.mod to build in. */
  readonly source: string
  readonly output: string
  readonly packages: readonly string[]
  readonly ldflags?: string
  readonly say: (line: string) => void
}

export const inGo = (cwd: string): typeof $ => $({ cwd, env: environment, quiet: true })

/** Builds each package whose binary is not in the output folder yet, and shows which and how long. */
export async function goBuild({ source, output, packages, ldflags = '', say }: GoBuild): Promise<void> {
  await mkdir(output, { recursive: true })
  for (const name of packages) {
    const binary = join(output, binaryName(name))
    if (existsSync(binary)) continue
    const start = performance.now()
    await inGo(source)`nice go build -ldflags ${`-s -w ${ldflags}`.trim()} -o ${`${binary}.new`} ${name}`
    await $({ quiet: true })`mv ${`${binary}.new`} ${binary}` // a build that was interrupted must not look like a finished one
    say(`built ${binaryName(name)} in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
}

export function missingBinaries(output: string, packages: readonly string[]): readonly string[] {
  return packages.filter(name => !existsSync(join(output, binaryName(name))))
}

/**
 * A module of our own that requires the wanted one: `go install MODULE@VERSION` refuses modules with replace directives,
 * which etcd and Kubernetes have.
 */
export async function wrapperModule(source: string, name: string, wanted: readonly string[]): Promise<void> {
  await mkdir(source, { recursive: true })
  if (!existsSync(join(source, 'go.mod'))) await writeFile(join(source, 'go.mod'), `module ts-play.lab/${name}\n\ngo 1.24.0\n`)
  await inGo(source)`go get ${wanted}`
}

/** `go build` names a binary after the last element that is not a major version. */
function binaryName(path: string): string {
  return path.split('/').findLast(part => !/^v\d+$/.test(part) && part !== '.') ?? path
}
