import { z } from 'ts-play'
import type { EtcdHealth } from '../kubernetes/health.ts'
import type { Lines } from './parse.ts'

/** etcd's JSON gateway writes 64-bit numbers as text, and leaves out what is false, zero or empty. */
const Members = z.object({ members: z.array(z.object({ ID: z.string(), name: z.string().default(''), clientURLs: z.array(z.string()).default([]), isLearner: z.boolean().default(false) })) })
const Status = z.object({ leader: z.string().default('0'), dbSize: z.string().default('0') })
const Health = z.object({ health: z.literal('true') })
const Alarms = z.object({ alarms: z.array(z.object({ alarm: z.string().default('NONE') })).default([]) })

/** @see https://etcd.io/docs/v3.6/dev-guide/api_reference_v3/ */
export function parseEtcd(lines: Lines): EtcdHealth | undefined {
  const members = read(Members, lines('etcd-members')[0])
  if (!members) return undefined
  const answers = (key: string, url: string | undefined): string | undefined => lines(key).find(line => line.startsWith(`${url} `))?.slice(`${url} `.length)
  return {
    members: members.members.map(({ ID, name, clientURLs: [url], isLearner }) => {
      const status = read(Status, answers('etcd-status', url))
      return { id: ID, name, learner: isLearner, healthy: read(Health, answers('etcd-health', url)) !== undefined, leader: status?.leader, size: status && Number(status.dbSize) }
    }),
    alarms: (read(Alarms, lines('etcd-alarms')[0])?.alarms ?? []).map(({ alarm }) => alarm).filter(alarm => alarm !== 'NONE'),
  }
}

function read<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data
  } catch {
    return undefined
  }
}
