import { blocks } from './blocks.ts'
import { check } from './check.ts'
import { delegation } from './delegation.ts'
import { failures } from './failures.ts'
import { handlers } from './handlers.ts'
import type { Row } from './row.ts'
import { turns } from './turns.ts'

export const tables: Readonly<Record<string, readonly Row[]>> = { handlers, blocks, delegation, turns, failures, check }
export const rows: readonly Row[] = Object.values(tables).flat()
