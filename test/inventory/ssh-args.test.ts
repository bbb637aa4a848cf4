import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memory } from '../../engine/inventory/files.ts'
import { read } from '../../engine/inventory/read.ts'
import { parseSshArgs, splitWords } from '../../engine/inventory/ssh-args.ts'

const parsed = (text: string) => parseSshArgs(text, path => (path.startsWith('/') ? path : `/inv/${path}`))

describe('arguments of ssh in an inventory', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    ['-J ops@bastion:2222,inner', ['ProxyJump=ops@bastion:2222,inner']],
    ['-Jbastion -p2222 -l ops', ['ProxyJump=bastion', 'Port=2222', 'User=ops']],
    ['-o ServerAliveInterval=30 -oCompression=yes', ['ServerAliveInterval=30', 'Compression=yes']],
    ['-o "ProxyCommand ssh -W %h:%p -q bastion"', ['ProxyCommand=ssh -W %h:%p -q bastion']],
    [`-o ProxyCommand="ssh -W %h:%p -q 'my bastion'"`, ["ProxyCommand=ssh -W %h:%p -q 'my bastion'"]],
    ['-i keys/id -o IdentityFile=~/id -o "CertificateFile=my cert"', ['IdentityFile=/inv/keys/id', 'IdentityFile=/inv/~/id', 'CertificateFile="/inv/my cert"']],
    ['-o IdentityFile=keys/%h -o IdentityAgent=none', ['IdentityFile=keys/%h', 'IdentityAgent=none']],
    ['-4 -6', ['AddressFamily=inet', 'AddressFamily=inet6']],
    ['-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/x/%C', ['ControlPath=/x/%C']],
    ['-o StrictHostKeyChecking=yes', []],
  ])('%s', (text, options) => {
    expect(parsed(text)).toMatchObject({ options, weaker: [] })
  })

  test.each<[string, readonly string[]]>([
    ['-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null', ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null']],
    ['-o stricthostkeychecking=accept-new', ['stricthostkeychecking=accept-new']],
    ['-o "StrictHostKeyChecking off"', ['StrictHostKeyChecking=off']],
    ['-o NoHostAuthenticationForLocalhost=yes -o VerifyHostKeyDNS=yes', ['NoHostAuthenticationForLocalhost=yes', 'VerifyHostKeyDNS=yes']],
  ])('what would weaken the check of host keys is left out: %s', (text, weaker) => {
    expect(parsed(text)).toMatchObject({ options: [], knownHostsFile: undefined, weaker })
  })

  test.each<[string, RegExp]>([
    ['bastion', /`bastion` is not passed on/],
    ['-A', /`-A` is not passed on/],
    ['-L 80:x:80', /`-L` is not passed on/],
    ['-o', /`-o` without a value/],
    ['-o Nonsense', /is not Key=value/],
    ["-o 'ProxyCommand=x", /a quote ' without its end/],
    ['-o "ProxyCommand=x', /a quote " without its end/],
    ['-o "User=a\nProxyCommand=x"', /control character/],
    ['-p 22 \\', /a \\ at the end/],
  ])('anything else is refused: %j', (text, problem) => {
    expect(parsed(text)).toMatchObject({ problem: expect.stringMatching(problem) })
  })

  test('words are split as a shell splits them', () => {
    const piece = fc.oneof(fc.constantFrom(' ', '  ', '\t', "'", '"', '\\', '\\ ', "''", '""', '=', '-o'), fc.stringMatching(/^[A-Za-z0-9%:@,./_-]{0,6}$/))
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join('')), text => {
      const ours = splitWords(text)
      const shell = ((): readonly string[] | undefined => {
        try {
          return execFileSync('/bin/sh', ['-fc', `set -- ${text}\nfor w do printf '%s\\0' "$w"; done`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\0').slice(0, -1)
        } catch {
          return undefined
        }
      })()
      // A \ at the end joins lines in a shell.
      if (/(^|[^\\])(\\\\)*\\$/.test(text)) return
      expect('words' in ours ? ours.words : undefined).toEqual(shell)
    }), { numRuns: 150 })
  })
})

test('they become access: the first counts, a problem has its place and is told once for a group', async () => {
  const { inventory, diagnostics } = await read(['prod.yaml'], {
    home: '/home/u',
    files: memory({ 'prod.yaml': `all:
  vars: { ansible_ssh_common_args: -J bastion -F ssh.conf, ansible_ssh_extra_args: -o StrictHostKeyChecking=no -o Port=23 }
  hosts:
    a:
    b: { ansible_ssh_common_args: -X }
` }),
  })
  expect(inventory.hosts[0]?.access).toMatchObject({ sshOptions: ['ProxyJump=bastion', 'Port=23'], sshConfigFile: expect.stringMatching(/\/ssh\.conf$/) })
  expect(diagnostics.map(({ severity, line, message }) => [severity, line, message])).toEqual([
    ['warning', 2, '`StrictHostKeyChecking=no` is left out: the keys of hosts are always checked'],
    ['error', 5, '`-X` is not passed on to ssh'],
  ])
})
