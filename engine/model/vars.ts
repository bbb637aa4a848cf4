import type { z } from 'zod'

/** A role's variables: one schema is validation, type and documentation at once. */
export type VarSchemas = Readonly<Record<string, z.ZodType>>
/** What `tasks` sees: parsed, defaults filled in. */
export type VarValues<V> = { readonly [K in keyof V]: V[K] extends z.ZodType ? z.output<V[K]> : never }
/** What a playbook may set: as written, before defaults. */
export type VarInputs<V> = { readonly [K in keyof V]?: V[K] extends z.ZodType ? z.input<V[K]> : never }
