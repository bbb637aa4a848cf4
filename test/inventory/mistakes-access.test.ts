import { describe, expect, test } from 'vitest'
import { memory } from '../../engine/inventory/files.ts'
import { read } from '../../engine/inventory/read.ts'
import { mistakesIn } from './support.ts'

describe('a mistake in how a host is reached is told where it was written', () => {
  test('connection variables of a wrong type or out of range', async () => {
    const yaml = `all:
  hosts:
    m1: { ansible_port: 70000, ansible_host: 10, ansible_user: [ops] }
    m2: { ansible_port: ssh, ansible_become: maybe, ansible_connection: docker, ansible_become_method: pbrun }
    m3: { ansible_host: '-oProxyCommand=reboot', ansible_user: 'a b', ansible_ssh_private_key_file: 5, ansible_password: 12345 }
`
    expect(await mistakesIn(yaml)).toMatchInlineSnapshot(`
      "error: prod.yaml:3:25: expected a port from 1 to 65535, got number 70000
            m1: { ansible_port: 70000, ansible_host: 10, ansible_user: [ops] }
                                ~~~~~
      error: prod.yaml:3:46: expected an address or a host name, got number 10
            m1: { ansible_port: 70000, ansible_host: 10, ansible_user: [ops] }
                                                     ~~
        write it in quotes
      error: prod.yaml:3:50: expected the name of a user, got a list
            m1: { ansible_port: 70000, ansible_host: 10, ansible_user: [ops] }
                                                         ~~~~~~~~~~~~
      error: prod.yaml:4:25: expected a port from 1 to 65535, got "ssh"
            m2: { ansible_port: ssh, ansible_become: maybe, ansible_connection: docker, ansible_become_method: pbrun }
                                ~~~
      error: prod.yaml:4:46: expected true or false, got "maybe"
            m2: { ansible_port: ssh, ansible_become: maybe, ansible_connection: docker, ansible_become_method: pbrun }
                                                     ~~~~~
      error: prod.yaml:4:73: expected ssh, smart, auto, paramiko, ssh2, openssh or local, got "docker"
            m2: { ansible_port: ssh, ansible_become: maybe, ansible_connection: docker, ansible_become_method: pbrun }
                                                                                ~~~~~~
      error: prod.yaml:4:104: expected sudo, su or doas, got "pbrun"
            m2: { ansible_port: ssh, ansible_become: maybe, ansible_connection: docker, ansible_become_method: pbrun }
                                                                                                               ~~~~~
      error: prod.yaml:5:25: expected an address or a host name, got "-oProxyCommand=reboot"
            m3: { ansible_host: '-oProxyCommand=reboot', ansible_user: 'a b', ansible_ssh_private_key_file: 5, ansible_password: ***
                                ~~~~~~~~~~~~~~~~~~~~~~~
      error: prod.yaml:5:64: expected the name of a user, got "a b"
            m3: { ansible_host: '-oProxyCommand=reboot', ansible_user: 'a b', ansible_ssh_private_key_file: 5, ansible_password: ***
                                                                       ~~~~~
      error: prod.yaml:5:101: expected the path of a private key, got number 5
            m3: { ansible_host: '-oProxyCommand=reboot', ansible_user: 'a b', ansible_ssh_private_key_file: 5, ansible_password: ***
                                                                                                            ~
      error: prod.yaml:5:104: expected a password as text
            m3: { ansible_host: '-oProxyCommand=reboot', ansible_user: 'a b', ansible_ssh_private_key_file: 5, ansible_password: ***
                                                                                                               ~~~~~~~~~~~~~~~~
        digits need quotes to be text"
    `)
  })

  test('connection variables that are not understood: once each, and none for those that do not matter here', async () => {
    const yaml = `all:
  vars: { ansible_ssh_common_args: -o ProxyJump=b, ansible_python_interpreter: auto }
  hosts:
    m1: { ansible_usr: ops, ansible_winrm_scheme: http }
    m2: { ansible_usr: ops }
`
    expect(await mistakesIn(yaml)).toMatchInlineSnapshot(`
      "warning: prod.yaml:4:11: \`ansible_usr\` is not understood
            m1: { ansible_usr: ops, ansible_winrm_scheme: http }
                  ~~~~~~~~~~~
        did you mean \`ansible_user\`?
      warning: prod.yaml:4:29: \`ansible_winrm_scheme\` is not understood
            m1: { ansible_usr: ops, ansible_winrm_scheme: http }
                                    ~~~~~~~~~~~~~~~~~~~~
        understood are ansible_host, ansible_port, ansible_user, ansible_ssh_private_key_file, ansible_password, ansible_connection, ansible_host_key, ansible_become, ansible_become_user, ansible_become_method, ansible_become_password"
    `)
  })

  test('a password in plain text is a warning that does not repeat it', async () => {
    const shown = await mistakesIn('all:\n  hosts:\n    m1: { ansible_password: hunter2-hunter2 }\n')
    expect(shown).toMatchInlineSnapshot(`
      "warning: prod.yaml:3:11: a password in plain text
            m1: { ansible_password: ***
                  ~~~~~~~~~~~~~~~~
        use \`!vault\`, \`!env NAME\` or \`!file PATH\`"
    `)
    expect(shown).not.toContain('hunter2')
  })

  test('two names for one machine', async () => {
    expect(await mistakesIn('all:\n  hosts:\n    m1: { ansible_host: 10.0.0.1 }\n    m2: { ansible_host: 10.0.0.1, ansible_port: 2222 }\n    m3: { ansible_host: 10.0.0.1, ansible_port: 22 }\n')).toMatchInlineSnapshot(`
      "warning: prod.yaml:5:5: \`m3\` and \`m1\` are the same machine: 10.0.0.1, port 22
            m3: { ansible_host: 10.0.0.1, ansible_port: 22 }
            ~~
        name it once and put it into several groups"
    `)
  })
})

test('where the hosts’ keys are is taken from ssh arguments, relative to the file that says it', async () => {
  const { inventory, diagnostics } = await read(['lab/prod.yaml'], {
    home: '/home/u',
    files: memory({ 'lab/prod.yaml': 'all:\n  hosts:\n    a: { ansible_ssh_common_args: -o UserKnownHostsFile=~/keys }\n    b: { ansible_ssh_common_args: -oUserKnownHostsFile=keys }\n    c:\n' }),
  })
  expect(diagnostics).toEqual([])
  expect(inventory.hosts.map(host => host.access.knownHostsFile)).toEqual(['/home/u/keys', expect.stringMatching(/\/lab\/keys$/), undefined])
})
