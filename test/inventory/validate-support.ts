import { validateVars, type ValidVars } from '../../engine/inventory/validate-vars.ts'
import type { VarSchemas } from '../../engine/model/vars.ts'
import { hostNamed, printed, readText } from './support.ts'

/** Validates variables of host m1 of an inventory whose `all` has these. */
export async function validate(vars: string, schemas: VarSchemas, playVars: Record<string, unknown> = {}): Promise<ValidVars> {
  const { inventory } = await readText(`all:\n  vars:\n    ${vars.trim().replaceAll('\n', '\n    ')}\n  hosts:\n    m1:\n`, { environment: { TOKEN: 'from the environment' } })
  return validateVars({ role: 'lb', schemas, playVars, origin: { file: 'playbooks/ha.ts', line: 12 }, host: hostNamed(inventory, 'm1'), inventory })
}

/** What is wrong, as a user sees it; the values where nothing is. */
export async function mistakes(vars: string, schemas: VarSchemas, playVars: Record<string, unknown> = {}): Promise<unknown> {
  const found = await validate(vars, schemas, playVars)
  return 'values' in found ? { values: found.values, warnings: printed(found.warnings) } : printed(found.diagnostics)
}
