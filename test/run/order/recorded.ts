import { readFileSync } from 'node:fs'
import { z } from 'zod'

const schema = z.object({ version: z.string(), rows: z.record(z.string(), z.array(z.string())), selections: z.record(z.string(), z.string()) })

/** What ansible-core did with the tables when `record.ts` was run last. */
export const recorded = schema.parse(JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')))
