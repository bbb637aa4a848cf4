import { command, Secret, sh, type Item, type Look } from 'ts-play'
import type { K3sAgentTicket, K3sServerTicket } from '../outputs.ts'
import { k3sPaths } from './paths.ts'

/**
 * The secrets by which servers and agents join, made on the host and never in an argument. They differ: who has an agent's cannot join as a server, and could read no
 * key of the cluster. A server that somebody else installed keeps those that its nodes already use.
 */
export const makeTokens: Item = command({
  name: 'make the tokens',
  run: sh`
    umask 077
    make() {
      [ ! -s "$1" ] || return 0
      if [ -s "$2" ]; then sed 's/.*://' "$2" >"$1.new"; else od -An -tx1 -N32 /dev/urandom | tr -d ' \\n' >"$1.new"; fi
      mv -f "$1.new" "$1"
    }
    make ${k3sPaths.serverToken} ${k3sPaths.clusterToken}
    make ${k3sPaths.agentToken} ${k3sPaths.clusterAgentToken}`,
  creates: [k3sPaths.serverToken, k3sPaths.agentToken],
})

/** From now on its own token names the cluster's CA, as everybody else's does: should it ever have to join again, it joins this cluster and no other. */
export const nameTheCluster: Item = command({
  name: 'the server’s token names the cluster’s CA',
  run: sh`
    umask 077
    cat ${k3sPaths.clusterToken} >${`${k3sPaths.serverToken}.new`}
    mv -f ${`${k3sPaths.serverToken}.new`} ${k3sPaths.serverToken}`,
  unless: sh`cmp -s ${k3sPaths.clusterToken} ${k3sPaths.serverToken}`,
})

/** @throws Error when there is no token that names a CA, without repeating it */
export async function serverTicket(on: Look): Promise<K3sServerTicket> {
  const agentToken = (await on.query(sh`cat ${k3sPaths.agentToken}`)).trim()
  if (agentToken === '') throw new Error(`${k3sPaths.agentToken} is empty`)
  return { token: parseToken(await on.query(sh`cat ${k3sPaths.clusterToken}`), 'server'), agentToken: new Secret(agentToken) }
}

export async function agentTicket(on: Look): Promise<K3sAgentTicket> {
  return { token: parseToken(await on.query(sh`cat ${k3sPaths.clusterAgentToken}`), 'node') }
}

/** `K10`, the hash of the CA's certificate, and who may join by it. A token without the hash would trust whoever answers at the endpoint. */
export function parseToken(printed: string, user: 'server' | 'node'): Secret<string> {
  const token = printed.trim()
  if (!/^K10[0-9a-f]{64}::(server|node):\S+$/.test(token) || !token.includes(`::${user}:`)) throw new Error(`k3s has no token of the form K10…::${user}:…`)
  return new Secret(`${token}\n`)
}
