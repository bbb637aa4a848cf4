import { command, sh, waitFor, type Command, type Task } from 'ts-play'
import { pki } from './places.ts'

/** A certificate of a host with external etcd. Members show theirs to clients and to each other, the client is etcdctl and whoever looks at health. */
export interface Certificate {
  readonly kind: 'server' | 'peer' | 'client'
  readonly host: string
  readonly address: string
  readonly days: number
  readonly renewBefore: number
}

const DAY = 86_400

/**
 * Makes a key and has it signed by the authority that lies on the same host: the key is never anywhere else. Renewed before it ends, and when names, authority or
 * key do not fit. etcd reads both files anew for every connection, so nothing is restarted; the key comes first, and for the moment until the certificate
 * follows a new connection is refused and tried again.
 */
export function issueCertificate(wanted: Certificate): Task {
  const { kind, host } = wanted
  const file = `${pki}/${kind}`
  return command({
    name: `certificate for ${kind}`,
    run: sh`
    umask 077
    work=$(mktemp -d -p ${pki} .new.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' HUP INT TERM
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -sha256 -nodes -subj ${`/CN=${kind === 'client' ? `etcd-client ${host}` : host}`} -keyout "$work/key" -out "$work/csr" 2>/dev/null
    ${sign({ from: sh`"$work/csr"`, to: sh`"$work/crt"`, extensions: extensionsOf(wanted), days: wanted.days, work: sh`"$work"` })}
    ${kind === 'client' ? sh`` : sh`chgrp etcd "$work/key" && chmod 640 "$work/key"`}
    chmod 644 "$work/crt"
    mv "$work/key" ${`${file}.key`}
    mv "$work/crt" ${`${file}.crt`}`,
    unless: isCurrent(wanted),
  })
}

/** Signs a request with a random serial number; the request's own wishes count for nothing but its name and key. */
export function sign({ from, to, extensions, days, work }: { from: Command; to: Command; extensions: string; days: number; work: Command }): Command {
  return sh`printf '%s\\n' ${extensions} >${work}/extensions
    openssl x509 -req -sha256 -in ${from} -CA ${`${pki}/ca.crt`} -CAkey ${`${pki}/ca.key`} -set_serial "0x$(openssl rand -hex 15)" -days ${days} -extfile ${work}/extensions -out ${to} 2>/dev/null`
}

export const clientExtensions = 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nauthorityKeyIdentifier=keyid'

/** A member is a client too: of the others, and of itself through its gateway. */
function extensionsOf({ kind, host, address }: Certificate): string {
  if (kind === 'client') return clientExtensions
  return `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:${host.toLowerCase()},DNS:localhost,IP:${address},IP:127.0.0.1`
}

function isCurrent({ kind, address, renewBefore }: Certificate): Command {
  const file = `${pki}/${kind}`
  return sh`
    openssl verify -CAfile ${`${pki}/ca.crt`} ${`${file}.crt`}
    openssl x509 -in ${`${file}.crt`} -noout -checkend ${renewBefore * DAY}
    [ "$(openssl x509 -in ${`${file}.crt`} -noout -pubkey)" = "$(openssl pkey -in ${`${file}.key`} -pubout)" ]
    ${kind === 'client' ? sh`` : sh`openssl x509 -in ${`${file}.crt`} -noout -checkip ${address} | grep -q 'does match'`}`
}

/** The authority outlives what it signs, or it has to be replaced first: that is no work for a run that goes on beside. */
export function authorityLasts(days: number): Task {
  return waitFor({
    name: 'the authority outlives what it signs',
    until: sh`openssl x509 -in ${`${pki}/ca.crt`} -noout -checkend ${days * DAY} >/dev/null || { echo ${`etcd's certificate authority (${pki}/ca.crt) ends within ${days} days: its replacement has to be planned, with both trusted for a while`} >&2; exit 1; }`,
    timeout: 1000,
  })
}
