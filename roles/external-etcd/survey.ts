import { createHash, X509Certificate } from 'node:crypto'
import { role, sh, type Command } from 'ts-play'
import { etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { etcdDataDirectory } from '../kubernetes/variables.ts'
import { EtcdSighting, type EtcdVoter } from '../outputs.ts'
import { attemptFile, clientFolder, etcdctlTool, ownEndpoint, pki } from './places.ts'

/** Looks what each host of the group `etcd` is to the cluster, before anything is changed. Read only. */
export const etcdSurvey = role('etcd-survey', {
  vars: { etcd: etcdTopology, etcdDataDirectory },
  outputs: { sighting: EtcdSighting },
  skip: ({ vars }) => unlessExternal(vars.etcd),
  produce: {
    sighting: async ({ vars, on }) => parseSighting(await on.query(lookAtEtcd(vars.etcdDataDirectory))),
  },
})

/**
 * The member list is asked for where it has to be agreed on: whoever answers has a majority behind it. Asked by the release that is there: when the inventory names
 * another one, the members are still members.
 */
export function lookAtEtcd(dataDirectory: string): Command {
  return sh`
    if [ -e ${attemptFile} ]; then echo attempt=yes; fi
    if [ -d ${`${dataDirectory}/member`} ]; then echo data=yes; fi
    if [ -s ${`${pki}/ca.key`} ] && [ -s ${`${pki}/ca.crt`} ]; then echo "ca=$(sed -n '/BEGIN CERT/,/END CERT/p' ${`${pki}/ca.crt`} | tr -d '\\n')"; fi
    if [ -d ${clientFolder} ]; then echo signs=yes; fi
    ${etcdctlTool()} --endpoints ${ownEndpoint} --command-timeout 5s member list 2>/dev/null | sed 's/^/member=/' || true`
}

export function parseSighting(stdout: string): EtcdSighting {
  const all = (key: string): string[] => stdout.split('\n').flatMap(line => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
  const members = all('member').flatMap(parseVoter)
  return { data: all('data').length > 0, attempt: all('attempt').length > 0, ca: authorityOf(all('ca')[0] ?? ''), signs: all('signs').length > 0, members: members.length > 0 ? members : undefined }
}

/** `8211f1d0f64f3269, started, e1, https://10.0.0.51:2380, https://10.0.0.51:2379, false`; the name is empty until a member has started. */
export function parseVoter(line: string): EtcdVoter[] {
  const [id, , name = '', peer, client = '', learner] = line.split(',').map(word => word.trim())
  return id !== undefined && /^[0-9a-f]+$/.test(id) && peer !== undefined && /^https:\/\/[\w.:-]+$/.test(peer) ? [{ id, name, peer, client, learner: learner === 'true' }] : []
}

function authorityOf(line: string): string | undefined {
  const body = /-----BEGIN CERTIFICATE-----(.+)-----END CERTIFICATE-----/.exec(line)?.[1]
  try {
    return body === undefined ? undefined : createHash('sha256').update(new X509Certificate(Buffer.from(body, 'base64')).raw).digest('hex')
  } catch {
    return undefined
  }
}
