import { X509Certificate } from 'node:crypto'
import { parseBackupName } from '../kubernetes/backup-name.ts'
import type { BackupHealth, ControlPlaneHealth, Health, NodeHealth } from '../kubernetes/health.ts'
import { parseEtcd } from './parse-etcd.ts'

/** The lines of `look.ts` by key, in order. */
export type Lines = (key: string) => readonly string[]

/** Reads what a host said. Everything that is missing counts as ill, never as well. */
export function parseHealth(stdout: string): Health {
  const pairs = stdout.split('\n').map(line => ({ key: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1).trim() }))
  const lines: Lines = key => pairs.filter(pair => pair.key === key).map(({ value }) => value)
  return {
    units: new Map(lines('unit').map(line => { const [unit = '', state = ''] = line.split(' '); return [unit, state] })),
    swap: lines('swap').length > 0,
    endpoint: lines('endpoint')[0] ?? '',
    holdsVip: lines('vip').length > 0,
    backup: lines('backup-run').length === 0 ? undefined : parseBackup(lines),
    node: lines('node').map(parseNode)[0],
    controlPlane: lines('api-server').length === 0 ? undefined : parseControlPlane(lines),
    externalEtcd: lines('etcd-host').length === 0 ? undefined : { certificates: parseCertificates(lines).filter(({ file }) => file.startsWith('/')), etcd: parseEtcd(lines) },
  }
}

function parseBackup(lines: Lines): BackupHealth {
  const now = Number(lines('now')[0])
  const age = (key: string): number | undefined => {
    const name = parseBackupName(lines(key)[0]?.split(' ')[0] ?? '')
    return name && now - name.taken
  }
  return { lastRun: lines('backup-run')[0] === 'failed' ? 'failed' : 'ok', age: age('backup-newest'), storedAge: age('backup-stored'), storedIn: lines('backup-stored')[0]?.split(' ')[1] }
}

function parseNode(line: string): NodeHealth {
  const match = /^(True|False|Unknown) ([\d.]+) (v\S+)$/.exec(line)
  return { ready: match?.[1] === 'True', address: match?.[2] ?? '', version: match?.[3] ?? '', problem: match ? undefined : line }
}

function parseControlPlane(lines: Lines): ControlPlaneHealth {
  const one = (key: string): string => lines(key)[0] ?? ''
  return {
    apiServer: one('api-server'),
    scheduler: one('scheduler'),
    controllerManager: one('controller-manager'),
    superAdmin: one('super-admin').split(' ').filter(word => word !== ''),
    uploadedCertificates: lines('uploaded-certificates').length > 0,
    certificates: parseCertificates(lines).filter(({ file }) => !file.startsWith('/')),
    nodes: lines('listed').map(line => { const [name = '', ready = '', version = ''] = line.split(' '); return { name, ready: ready === 'True', version } }),
    workloads: lines('workload').map(line => {
      const [namespace = '', kind = '', name = '', wanted = '', available = ''] = line.split(' ')
      return { namespace, kind, name, wanted: Number(wanted || 0), available: Number(available || 0) }
    }),
    etcd: parseEtcd(lines),
  }
}

/** Those of external etcd have a whole path. */
function parseCertificates(lines: Lines): ControlPlaneHealth['certificates'] {
  const now = Number(lines('now')[0])
  return lines('certificate').flatMap(line => {
    const [file = ''] = line.split(' ', 1)
    const until = validTo(line)
    return until === undefined ? [] : [{ file, left: Math.round(until / 1000 - now) }]
  })
}

/** Milliseconds since 1970, of a certificate whose line breaks were taken out. */
function validTo(line: string): number | undefined {
  const body = /-----BEGIN CERTIFICATE-----(.+)-----END CERTIFICATE-----/.exec(line)?.[1]
  try {
    return body === undefined ? undefined : Date.parse(new X509Certificate(Buffer.from(body, 'base64')).validTo)
  } catch {
    return undefined
  }
}
