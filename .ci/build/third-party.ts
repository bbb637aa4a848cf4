import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'

/** A package of which code is in ours. */
export interface Notice {
  readonly name: string
  readonly version: string
  readonly license: string
  /** What its license wants to be kept, in full. */
  readonly text: string
}

/** Writes a file with the notices of all packages that went into a bundle. Nothing is bundled that comes without one. */
export function thirdParty(fileName: string): Plugin {
  return {
    name: 'third-party',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap(file => (file.type === 'chunk' ? file.moduleIds : []))
      const folders = new Set(modules.flatMap(id => packageFolder(id) ?? []))
      // A package may lie in two folders in the same version.
      const notices = new Map([...folders].map(noticeOf).map(notice => [`${notice.name} ${notice.version}`, notice]))
      this.emitFile({ type: 'asset', fileName, source: page([...notices.values()]) })
    },
  }
}

/** The innermost package that a module belongs to; `undefined` for one of ours. */
export function packageFolder(module: string): string | undefined {
  return /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module)?.[1]
}

/** @throws Error when the package says nothing about its license, or does not have it along. */
export function noticeOf(folder: string): Notice {
  const { name, version, license }: { name: string; version: string; license?: unknown } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(entry => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry))
  if (typeof license !== 'string' || file === undefined) throw new Error(`${name} ${version} has no license along: do not bundle it, name it in \`external\``)
  return { name, version, license, text: readFileSync(join(folder, file), 'utf8').trim() }
}

export function page(notices: readonly Notice[]): string {
  const sorted = notices.toSorted((one, other) => `${one.name} ${one.version}`.localeCompare(`${other.name} ${other.version}`, 'en'))
  const rows = sorted.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |\n`).join('')
  const texts = sorted.map(({ name, version, text }) => `\n## ${name} ${version}\n\n\`\`\`text\n${text}\n\`\`\`\n`).join('')
  return `# What is in this package of others\n\nThese packages are part of the files in this folder; what else is needed, npm installs beside it.\n\n| package | version | license |\n| --- | --- | --- |\n${rows}${texts}`
}
