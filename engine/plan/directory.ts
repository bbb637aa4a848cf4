import type { Diagnostic } from '../model/diagnostic.ts'
import type { HostPattern } from '../model/group.ts'
import type { Play } from '../model/play.ts'

/** What planning asks of an inventory; the real one answers with diagnostics that carry file:line:col. */
export interface Directory {
  resolve(pattern: HostPattern): { readonly hosts: readonly string[] } | { readonly problem: string; readonly hint?: string }
  hasHost(name: string): boolean
  vars(play: Play, host: string): { readonly values: Readonly<Record<string, unknown>> } | { readonly diagnostics: readonly Diagnostic[] }
}
