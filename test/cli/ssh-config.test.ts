import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announceSkip } from '../connection/machine.ts'
import { sshd, sshdRefusal, type Sshd } from '../connection/sshd.ts'
import { folderWith, tsPlay, type Folder } from './support.ts'

if (sshdRefusal !== undefined) announceSkip('ssh_config on the command line', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)('the command line', () => {
  let host: Sshd
  let bastion: Sshd
  let folder: Folder
  beforeAll(async () => {
    ;[host, bastion] = await Promise.all([sshd(), sshd()])
    writeFileSync(join(bastion.folder, 'id.pub'), readFileSync(join(host.folder, 'id.pub'), 'utf8'))
    writeFileSync(join(host.folder, 'both'), readFileSync(host.knownHosts, 'utf8') + readFileSync(bastion.knownHosts, 'utf8'))
    folder = await folderWith({
      'site.ts': `
        import { everyone, file, play, playbook, role } from 'ts-play'
        export default playbook('site', [play(role('look', { tasks: () => [file({ path: '/etc/ts-play-never', content: 'x' })] }), { hosts: everyone })])`,
      'plain.yaml': 'all: { hosts: { h1: , h2: } }',
      'args.yaml': `all:
  vars: { ansible_ssh_common_args: '-F ssh_config -J gate', ansible_user: root }
  hosts: { h1: }
`,
      'ssh_config': `Host h1 h2
  HostName 127.0.0.1
  Port ${host.port}
  User root
Host h2
  ProxyJump gate
Host gate
  HostName 127.0.0.1
  Port ${bastion.port}
  User root
Host *
  StrictHostKeyChecking no
  UserKnownHostsFile ${join(host.folder, 'both')}
  IdentityFile ${host.key}
`,
    })
  }, 60_000)
  afterAll(async () => {
    await folder?.[Symbol.asyncDispose]()
    await Promise.all([host?.remove(), bastion?.remove()])
  })
  const logins = (): number => bastion.log().split('Accepted publickey').length - 1

  test('--ssh-config shows the way to hosts that an inventory only names; -v says what carries them', { timeout: 60_000 }, async () => {
    const { code, stdout } = await tsPlay(['site.ts', '-i', 'plain.yaml', '--check', '-v', '-o', 'plain', '--ssh-config', 'ssh_config'], { folder: folder.path })
    expect([code, stdout]).toEqual([2, expect.stringMatching(/\[h1\] connected in .* over ssh2: it has all that is asked for/)])
    expect(stdout.split('StrictHostKeyChecking no of ssh_config is not followed')).toHaveLength(2)
    expect(logins()).toBe(1)
  })

  test('--transport openssh and ansible_ssh_common_args go the same way', { timeout: 60_000 }, async () => {
    const before = logins()
    const { code, stdout } = await tsPlay(['site.ts', '-i', 'args.yaml', '--check', '-v', '-o', 'plain', '--transport', 'openssh'], { folder: folder.path })
    expect([code, stdout]).toEqual([2, expect.stringMatching(/\[h1\] connected in .* over openssh: it was asked for/)])
    expect(logins()).toBe(before + 1)
  })

  test('--ssh-config none knows nothing of it', { timeout: 60_000 }, async () => {
    const { code, stdout } = await tsPlay(['site.ts', '-i', 'plain.yaml', '--check', '-o', 'plain', '--ssh-config', 'none', '--timeout', '1'], { folder: folder.path })
    expect([code, stdout]).toEqual([4, expect.stringContaining('h1')])
  })
})
