export * from '../../engine/index.ts'
import { resource, sh, type Secret } from '../../engine/index.ts'

/** A resource that the type tests can put into tasks. */
export const file_ = resource<{ path: string; content: string | Secret<string> }, string>({
  kind: 'file',
  id: spec => spec.path,
  probe: spec => sh`cat ${spec.path}`,
  parse: output => output.stdout,
  plan: () => [],
  apply: spec => sh`true ${spec.spec.path}`,
})
