import type { Change } from '../model/change.ts'
import type { Script } from '../model/script.ts'
import { attributeChanges, checkAttributes, managed, type Attributes } from './attributes.ts'
import { probeFile } from './file-probe.ts'
import { namedPath } from './path.ts'
import type { PathState } from './path-state.ts'
import { sumChanges } from './shown-content.ts'
import { claimed } from './staged-file.ts'

/** A file that is compared by its SHA-256, wherever its bytes come from. */
interface SummedFile extends Attributes {
  readonly path: string
}

/** A SHA-256 in lower case. @throws TypeError when it has not 64 hexadecimal digits. */
export function sha256Digits(sum: string): string {
  if (!/^[0-9a-f]{64}$/i.test(sum)) throw new TypeError(`sha256 must have 64 hexadecimal digits, got ${JSON.stringify(sum)}`)
  return sum.toLowerCase()
}

/** @throws TypeError when a path, mode or owner is none. */
export function probeSum(spec: SummedFile): Script {
  checkAttributes(spec)
  return probeFile(namedPath(spec.path), { type: 'hash', unless: '', textUpTo: 0 })
}

/** @param sum SHA-256 of the bytes it should have, in lower case */
export function planSum(spec: SummedFile, { state, sum, mode }: { readonly state: PathState; readonly sum: string; readonly mode: number }): readonly Change[] {
  const attributes = managed(spec, mode)
  return [...sumChanges(sum, state), ...attributeChanges(attributes, state.type === 'file' ? state : undefined), ...claimed({ found: state, attributes, secret: false })]
}
