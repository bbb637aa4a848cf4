import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Pen } from './writer.ts'

/** Milliseconds after which a write counts as not acknowledged; counting afterwards is no part of what is measured. */
const PATIENCE = 2000
const COUNTING = 60_000
const MAPS = '/api/v1/namespaces/default/configmaps'

const Kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) })]),
  users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }) })]),
})
const ConfigMap = z.object({ data: z.record(z.string(), z.string()).default({}) })

/** Writes over a new connection each time, as a client that has just come does: faster than starting kubectl, and nothing of an earlier connection hides a gap. */
export async function httpsPen(kubeconfig: string): Promise<Pen> {
  const { clusters: [{ cluster }], users: [{ user }] } = Kubeconfig.parse(parse(await readFile(kubeconfig, 'utf8')))
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
  const credentials = { ca: bytes(cluster['certificate-authority-data']), cert: bytes(user['client-certificate-data']), key: bytes(user['client-key-data']) }

  const ask = (method: string, path: string, body = '', type = 'application/json'): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(path, cluster.server), { ...credentials, agent: false, method, headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) }, signal: AbortSignal.timeout(method === 'GET' ? COUNTING : PATIENCE) }, answer => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => { text += chunk })
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        answer.once('error', reject)
      })
      asked.once('error', reject)
      asked.end(body)
    })
  const must = async (asked: ReturnType<typeof ask>, ...fine: readonly number[]): Promise<string> => {
    const { status, text } = await asked
    if (!fine.includes(status)) throw new Error(`the API answered ${status}: ${text.slice(0, 200)}`)
    return text
  }
  return {
    open: async page => void (await must(ask('POST', MAPS, JSON.stringify({ metadata: { name: page } })), 201, 409)),
    write: async (page, key) => void (await must(ask('PATCH', `${MAPS}/${page}`, JSON.stringify({ data: { [key]: '' } }), 'application/merge-patch+json'), 200)),
    read: async page => Object.keys(ConfigMap.parse(JSON.parse(await must(ask('GET', `${MAPS}/${page}`), 200))).data),
  }
}
