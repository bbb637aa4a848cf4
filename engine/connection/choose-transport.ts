import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { agentKeyTypes } from './agent-key-types.ts'
import type { Effective } from './effective-target.ts'
import { entriesFor } from './host-key.ts'
import { inspectKeyFile, type KeyFile } from './key-file.ts'
import { readKnownHosts } from './known-hosts.ts'
import type { Pool } from './pool.ts'
import type { SshSettings } from './ssh-config.ts'
import { algorithms } from './ssh2-algorithms.ts'
import type { Target } from './target.ts'

/** Which transport a host gets, and why. */
export interface Choice {
  readonly transport: 'ssh2' | 'openssh'
  readonly because: string
  /** The socket of a connection that the user's own ssh holds already. */
  readonly master?: string
}

/** ssh2, unless something is asked for that it does not have. */
export async function chooseTransport({ target, settings }: Effective, pool: Pool): Promise<Choice> {
  if (target.connection === 'openssh' || target.connection === 'ssh2') return { transport: target.connection, because: 'it was asked for' }
  const master = settings && (await liveMaster(settings, target))
  if (master !== undefined) return { transport: 'openssh', because: `a connection is open already at ${master} (ControlPath)`, master }
  const why = (settings && beyond(settings)) ?? (await byKeys(target, pool, settings)) ?? (await byHostKeys(target))
  return why === undefined ? { transport: 'ssh2', because: 'it has all that is asked for' } : { transport: 'openssh', because: why }
}

/** Settings that ssh2 has nothing for. */
function beyond(settings: SshSettings): string | undefined {
  const named = (keyword: string, name: string): string | undefined => (settings.one(keyword) === undefined ? undefined : `ssh_config sets ${name}`)
  const methods = settings.list('preferredauthentications')
  return named('certificatefile', 'CertificateFile')
    ?? named('pkcs11provider', 'PKCS11Provider')
    ?? (['internal', '$SSH_SK_PROVIDER', undefined].includes(settings.one('securitykeyprovider')) ? undefined : 'ssh_config sets SecurityKeyProvider')
    ?? named('knownhostscommand', 'KnownHostsCommand')
    ?? named('revokedhostkeys', 'RevokedHostKeys')
    ?? (settings.is('proxyusefdpass') ? 'ssh_config sets ProxyUseFdpass' : undefined)
    ?? (methods.length > 0 && !methods.some(method => ['publickey', 'password', 'keyboard-interactive'].includes(method)) ? `ssh_config allows only ${methods.join(', ')} to log in (PreferredAuthentications)` : undefined)
}

/** What is there to log in with. */
async function byKeys(target: Target, pool: Pool, settings: SshSettings | undefined): Promise<string | undefined> {
  const { privateKeyFile, identityFiles = [], identityAgent } = target
  const files = [...(privateKeyFile === undefined ? [] : [privateKeyFile]), ...identityFiles]
  const seen = await Promise.all(files.map(async file => ({ file, ...(await keyFile(file, pool)) })))
  const present = seen.filter(({ kind }) => kind !== 'missing')
  const certified = present.find(({ certificate }) => certificate)
  if (certified) return `there is a user certificate beside ${certified.file}`
  const types = identityAgent === undefined ? [] : await agentTypes(identityAgent, pool)
  const special = types.find(type => /-cert-v\d+@openssh\.com$|^sk-/.test(type))
  if (special !== undefined) return `the agent holds a ${special.startsWith('sk-') ? 'FIDO key' : 'certificate'}`
  const fido = present.find(({ kind, file }) => kind === 'fido' && (file === privateKeyFile || !present.some(other => other.kind === 'plain')))
  if (fido) return `${fido.file} is a FIDO key`
  // A key that was named and cannot be read is a mistake to be told, and no reason for another way.
  if (privateKeyFile === undefined && present.length === 0 && types.length === 0 && target.password === undefined && settings?.is('gssapiauthentication')) return 'there is neither key nor password, and ssh_config allows Kerberos (GSSAPIAuthentication)'
  return undefined
}

/** What there is to know the host by, and to agree on with it. */
async function byHostKeys(target: Target): Promise<string | undefined> {
  const { address, port, hostKeyAlias, knownHostsFiles, hostKeyPins } = target
  const known = await readKnownHosts(knownHostsFiles).catch(() => [])
  const host = { address: hostKeyAlias ?? address, port: hostKeyAlias === undefined ? port : 22 }
  const { own, plain } = entriesFor(known, host)
  const all = [...own, ...plain]
  const authority = all.find(({ marker }) => marker === 'cert-authority')
  if (authority && !hostKeyPins && !own.some(({ marker }) => marker === 'key')) return `the host is known by a certificate authority (${authority.file}:${authority.line})`
  const agreed = algorithms(target, known, host)
  return 'missing' in agreed ? `ssh_config leaves no ${agreed.missing} that ssh2 has` : undefined
}

function keyFile(file: string, pool: Pool): Promise<KeyFile> {
  const known = pool.keyFiles.get(file) ?? inspectKeyFile(file)
  pool.keyFiles.set(file, known)
  return known
}

function agentTypes(socket: string, pool: Pool): Promise<readonly string[]> {
  const known = pool.agents.get(socket) ?? agentKeyTypes(socket)
  pool.agents.set(socket, known)
  return known
}

/** The socket at ControlPath, if an ssh is behind it. */
async function liveMaster(settings: SshSettings, target: Target): Promise<string | undefined> {
  const path = settings.one('controlpath')
  if (path === undefined || !(await stat(path).then(found => found.isSocket(), () => false))) return undefined
  return new Promise(resolve => execFile('ssh', ['-F', 'none', '-S', path, '-O', 'check', '--', target.address], { timeout: 5000 }, error => resolve(error ? undefined : path)))
}
