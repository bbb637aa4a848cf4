import { secretString, z } from 'ts-play'

const word = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

const maxAge = z.int().positive().default(1500).describe('Minutes: playbooks/verify.ts fails when no host’s newest copy is younger')

/**
 * Where backups go that have to outlive their hosts: what an inventory chooses by `backupStore: { to: … }`.
 *
 * - `controller`: the playbook brings the newest of each control plane to the machine that it runs on.
 * - `s3`: each control plane's timer uploads what it took, by curl and Signature Version 4, to any storage that speaks S3.
 */
export const backupStore = z
  .discriminatedUnion('to', [
    z.strictObject({
      to: z.literal('controller'),
      folder: z.string().regex(/^~?\/[^\n]*$/, 'a path on the controller begins with / or ~/').describe('Below it a folder for each cluster'),
      keep: z.int().positive().default(48).describe('How many are kept of each control plane'),
      unencrypted: z.boolean().default(false).describe('Bring also backups that anybody who has one can read'),
      maxAge,
    }),
    z.strictObject({
      to: z.literal('s3'),
      endpoint: z.string().regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d+)?$/, 'an endpoint reads https://s3.example.org or https://10.0.0.9:9000').describe('Without bucket and path'),
      region: z.string().regex(word).default('us-east-1').describe('As the storage calls itself in signatures'),
      bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a bucket has 3 to 63 lower-case letters, digits, "." and "-"').describe('Has to exist'),
      pathStyle: z.boolean().default(true).describe('ENDPOINT/BUCKET/… instead of BUCKET.ENDPOINT/…'),
      prefix: z.string().regex(/^([A-Za-z0-9_][A-Za-z0-9._-]*\/)*$/, 'a prefix reads backups/ or empty').default('').describe('Before the cluster’s name'),
      accessKeyId: z.string().regex(/^[A-Za-z0-9._/+=-]+$/, 'expected an access key id'),
      secretAccessKey: secretString(),
      ca: z.string().regex(/^\s*-----BEGIN CERTIFICATE-----/, 'expected certificates in PEM').optional().describe('Who signed the storage’s certificate; default: those that the host trusts'),
      plaintext: z.boolean().default(false).describe('Put up with http://: backups are encrypted, and names and sizes are not'),
      keep: z.union([z.int().positive(), z.literal('lifecycle')]).default(48).describe('How many are kept of each control plane; lifecycle: the bucket’s own rules take away, and these credentials need not'),
      maxAge,
    }).refine(({ endpoint, plaintext }) => plaintext || endpoint.startsWith('https://'), { path: ['endpoint'], error: 'http:// sends names, sizes and signatures in clear: use https://, or set plaintext: true' }),
  ])
  .optional()
  .describe('Where copies of backups go, off their hosts')

export type BackupStore = NonNullable<z.output<typeof backupStore>>
export type StoreOf<To extends BackupStore['to']> = Extract<BackupStore, { to: To }>

/** The reason to leave a host out of a role that serves another store. */
export function unlessStoreIs(wanted: BackupStore['to'], given: BackupStore | undefined): string | undefined {
  if (given === undefined) return 'there is no backupStore'
  return given.to === wanted ? undefined : `backupStore is ${given.to}`
}
