import { z } from 'ts-play'

/** An age recipient, or an SSH public key, which age takes too. */
const recipient = z.string().regex(/^(age1[0-9a-z]+|ssh-(ed25519|rsa) [A-Za-z0-9+/=]+( .*)?)$/, 'a recipient reads age1… or ssh-ed25519 …')

export const backupFolder = z.string().regex(/^\/[A-Za-z0-9._/-]+$/).default('/var/backups/ts-play').describe('Where backups lie on each control plane')

export const drillMaxAge = z.int().positive().default(1500).describe('Minutes: a drill fails when the newest backup is older')

/** What the roles about backups read. */
export const backupVars = {
  backupFolder,
  backupSchedule: z.string().regex(/^[^\n]+$/).default('hourly').describe('When a backup is taken, as systemd.time(7) reads it'),
  backupKeep: z.int().positive().default(48).describe('How many backups each control plane keeps'),
  backupMaxAge: z.int().positive().default(120).describe('Minutes: a run takes a backup at once where the newest is older'),
  backupRecipients: z.array(recipient).default([]).describe('Who can read the backups: age public keys. Their private halves belong on no machine of the cluster'),
  backupUnencrypted: z.boolean().default(false).describe('Put up with backups that anybody who has one can read'),
}
