import { z } from 'zod'
import { contenderIds } from './contenders/contender.ts'
import { caseIds } from './cases.ts'

/** The run of the bench that something was measured in; `load` of the machine when it began. */
export const Occasion = z.object({ date: z.string(), load: z.number().optional(), version: z.string() })
export type Occasion = z.infer<typeof Occasion>

/** What is kept of a bench: enough to write its tables and plots again. Times in milliseconds, sizes in bytes; none where only times are known. */
export const Measurement = z.object({
  case: z.enum(caseIds),
  title: z.string(),
  hosts: z.int(),
  roundTrip: z.number(),
  phase: z.enum(['first', 'again']),
  contender: z.enum(contenderIds),
  wall: z.array(z.number()),
  cpu: z.array(z.number()),
  memory: z.array(z.number()),
  bytes: z.array(z.number()),
  /** Started on all the hosts together. */
  processes: z.array(z.int()),
  /** Frames of the host with the most of them: ts-play's round trips. */
  frames: z.number().optional(),
  changed: z.number().optional(),
  /** Why the end state is not the one that was asked for. */
  disqualified: z.string().optional(),
  occasion: Occasion.optional(),
})
export type Measurement = z.infer<typeof Measurement>

/** Something of ts-play alone. */
export const Solo = z.object({ title: z.string(), wall: z.array(z.number()), cpu: z.array(z.number()), memory: z.array(z.number()), note: z.string(), occasion: Occasion.optional() })
export type Solo = z.infer<typeof Solo>

export const Results = z.object({
  machine: z.object({ processor: z.string(), cores: z.int(), memory: z.number(), kernel: z.string(), load: z.number() }),
  versions: z.record(z.string(), z.string()),
  date: z.string(),
  /** Runs that were asked for, and milliseconds after which a slow contender gets no further one; null: it always does. */
  runs: z.int(),
  budget: z.number().nullable(),
  measurements: z.array(Measurement),
  solos: z.array(Solo),
})
export type Results = z.infer<typeof Results>
