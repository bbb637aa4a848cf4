import { describe, expect, test } from 'vitest'
import { Secret } from '../../engine/model/secret.ts'
import { hostNamed, inventoryOf, mistakesIn } from './support.ts'

describe('structure', () => {
  test('groups nest, top-level groups belong to all, and a host may be in many', async () => {
    const inventory = await inventoryOf(`
all:
  children:
    kubernetes:
      children:
        masters: { hosts: { m1: , m2: } }
        workers: { hosts: { w1: } }
lb:
  hosts: { m2: , m1: }
`)
    expect(Object.fromEntries(inventory.groups)).toEqual({ all: ['m1', 'm2', 'w1'], kubernetes: ['m1', 'm2', 'w1'], masters: ['m1', 'm2'], workers: ['w1'], lb: ['m1', 'm2'] })
    expect(hostNamed(inventory, 'm1').groups).toEqual(['all', 'kubernetes', 'lb', 'masters'])
  })

  test('hosts are in the order in which the files first name them, whatever group is asked', async () => {
    const inventory = await inventoryOf('g2: { hosts: { z: , a: } }\ng1: { hosts: { q: , a: , z: } }')
    expect(inventory.hosts.map(host => host.name)).toEqual(['z', 'a', 'q'])
    expect(inventory.groups.get('g1')).toEqual(['z', 'a', 'q'])
  })

  test('ranges expand, and every host of a range gets its variables', async () => {
    const inventory = await inventoryOf(`
all:
  hosts:
    'w[08:10:2].example.org': { rack: 1 }
    db-[a:c]:
    'n[1:2]-[x:y]':
`)
    expect(inventory.hosts.map(host => host.name)).toEqual(['w08.example.org', 'w10.example.org', 'db-a', 'db-b', 'db-c', 'n1-x', 'n1-y', 'n2-x', 'n2-y'])
    expect(hostNamed(inventory, 'w10.example.org').vars).toEqual({ rack: 1 })
  })

  test('a host that only all names is ungrouped', async () => {
    const inventory = await inventoryOf('all: { hosts: { a: }, children: { g: { hosts: { b: } } } }')
    expect(inventory.groups.get('ungrouped')).toEqual(['a'])
  })

  test('anchors, aliases and merges work, a name of its own winning over a merged one', async () => {
    const inventory = await inventoryOf(`
all:
  hosts:
    a: &base { rack: 1, zone: x }
    b: *base
    c: { <<: *base, zone: y }
    d: { <<: [{ rack: 2 }, *base] }
`)
    expect(inventory.hosts.map(host => host.vars)).toEqual([{ rack: 1, zone: 'x' }, { rack: 1, zone: 'x' }, { zone: 'y', rack: 1 }, { rack: 2, zone: 'x' }])
  })

  test('the JSON form of the same structure is YAML', async () => {
    const inventory = await inventoryOf('{"all": {"hosts": {"m1": {"ansible_host": "10.0.0.1"}}}}')
    expect(hostNamed(inventory, 'm1').address).toBe('10.0.0.1')
  })

  test('a port in a name is a port, and an IPv6 address is a name', async () => {
    const inventory = await inventoryOf('all: { hosts: { "m1:2222": , "fe80::1": } }')
    expect(inventory.hosts.map(host => [host.name, host.access.port])).toEqual([['m1', 2222], ['fe80::1', undefined]])
  })
})

describe('precedence', () => {
  const levels = {
    'inventory/prod.yaml': `
all:
  vars: { a: all, b: all, c: all, d: all, e: all, f: all, g: all }
  children:
    parent:
      vars: { c: parent, d: parent, e: parent, f: parent, g: parent }
      children:
        child:
          vars: { d: child, e: child, f: child, g: child }
          hosts:
            h: { f: host, g: host }
`,
    'inventory/group_vars/all.yaml': 'b: all file\nc: all file\nd: all file\ne: all file\nf: all file\ng: all file',
    'inventory/group_vars/child/10.yml': 'e: child file 10\nf: child file\ng: child file',
    'inventory/group_vars/child/20.yaml': 'e: child file 20',
    'inventory/host_vars/h.yml': 'g: host file',
  }

  test('all, parent group, child group, host; at each the inventory file, then the files beside it', async () => {
    const inventory = await inventoryOf(levels, { paths: ['inventory/prod.yaml'] })
    expect(hostNamed(inventory, 'h').vars).toEqual({ a: 'all', b: 'all file', c: 'parent', d: 'child', e: 'child file 20', f: 'host', g: 'host file' })
  })

  test('every variable knows who set it and where', async () => {
    const inventory = await inventoryOf(levels, { paths: ['inventory/prod.yaml'] })
    const sources = [...hostNamed(inventory, 'h').varSources].map(([name, source]) => `${name} ${source.setBy} ${source.at().file}:${source.at().line}:${source.at().column}`)
    expect(sources).toMatchInlineSnapshot(`
      [
        "a group all inventory/prod.yaml:3:14",
        "b group_vars/all.yaml inventory/group_vars/all.yaml:1:4",
        "c group parent inventory/prod.yaml:6:18",
        "d group child inventory/prod.yaml:9:22",
        "e group_vars/child/20.yaml inventory/group_vars/child/20.yaml:1:4",
        "f host h inventory/prod.yaml:11:21",
        "g host_vars/h.yml inventory/host_vars/h.yml:1:4",
      ]
    `)
  })

  test('a value is replaced as a whole, not merged below its name', async () => {
    const inventory = await inventoryOf('all: { vars: { map: { a: 1, b: 2 } }, hosts: { h: { map: { a: 3 } } } }')
    expect(hostNamed(inventory, 'h').vars).toEqual({ map: { a: 3 } })
  })

  test('of several inventories the later one wins, and their groups are united', async () => {
    const files = { 'a.yaml': 'g: { hosts: { x: { v: 1, w: 1 } } }', 'b.yaml': 'g: { hosts: { y: , x: { v: 2 } } }' }
    const inventory = await inventoryOf(files, { paths: ['a.yaml', 'b.yaml'] })
    expect(hostNamed(inventory, 'x').vars).toEqual({ v: 2, w: 1 })
    expect(inventory.groups.get('g')).toEqual(['x', 'y'])
  })

  test('a folder is read file by file in the order of the names, with the variables inside it', async () => {
    const files = { 'env/20.yaml': 'g: { hosts: { x: { v: 2 } } }', 'env/10.yaml': 'g: { hosts: { x: { v: 1 } } }', 'env/group_vars/g': 'u: 1', 'env/.hidden.yaml': '!', 'env/notes.md': '!' }
    const inventory = await inventoryOf(files, { paths: ['env'] })
    expect(hostNamed(inventory, 'x').vars).toEqual({ u: 1, v: 2 })
  })

  test('groups at the same depth go by name, and a difference is told', async () => {
    expect(await mistakesIn('b: { vars: { v: 1 }, hosts: { h: } }\na: { vars: { v: 2, same: x }, hosts: { h: } }\nc: { vars: { same: x }, hosts: { h: } }')).toMatchInlineSnapshot(`
      "warning: prod.yaml:1:14: \`v\` is set by the groups \`a\` and \`b\`, neither of which is the other's parent: \`b\` wins by its name
        b: { vars: { v: 1 }, hosts: { h: } }
                     ~
        set it for the hosts, or make one group a child of the other"
    `)
  })
})

describe('how a host is reached', () => {
  const files = {
    '/inv/prod.yaml': `
all:
  vars: { ansible_user: ops, ansible_ssh_private_key_file: ~/.ssh/id_ed25519, ansible_become: true, ansible_become_password: !env SUDO }
  hosts:
    m1: { ansible_host: 10.0.0.11, ansible_port: '2222', ansible_password: !file pw, ansible_become_user: deploy, ansible_become_method: sudo, color: red }
    here: { ansible_connection: local, ansible_ssh_private_key_file: keys/here, ansible_python_interpreter: /usr/bin/python3 }
`,
    '/inv/pw': 'login pass\n',
  }

  test("Ansible's connection variables become access, and leave the variables", async () => {
    const inventory = await inventoryOf(files, { paths: ['/inv/prod.yaml'], environment: { SUDO: 'sudo pass' } })
    const m1 = hostNamed(inventory, 'm1')
    expect(m1.address).toBe('10.0.0.11')
    expect(m1.vars).toEqual({ color: 'red' })
    const { password, becomePassword, ...access } = m1.access
    expect(access).toMatchObject({ connection: 'auto', port: 2222, user: 'ops', privateKeyFile: '/home/me/.ssh/id_ed25519', become: true, becomeUser: 'deploy', becomeMethod: 'sudo' })
    expect([password, becomePassword].map(secret => secret && Secret.reveal(secret))).toEqual(['login pass', 'sudo pass'])
  })

  test('a relative key starts at the file that says it, and an address defaults to the name', async () => {
    const here = hostNamed(await inventoryOf(files, { paths: ['/inv/prod.yaml'], environment: { SUDO: 'x' } }), 'here')
    expect([here.address, here.access.connection, here.access.privateKeyFile]).toEqual(['here', 'local', '/inv/keys/here'])
  })

  test('the controller is localhost with the variables of all, unless the inventory has a localhost', async () => {
    const implied = await inventoryOf('all: { vars: { v: 1, ansible_user: ops, ansible_port: 22 }, hosts: { m1: } }')
    expect(implied.controller).toMatchObject({ name: 'localhost', address: 'localhost', vars: { v: 1 }, access: { connection: 'local', user: undefined, port: undefined } })
    expect(implied.hosts).toHaveLength(1)
    const named = await inventoryOf('all: { hosts: { localhost: { v: 2 } } }')
    expect(named.controller.access.connection).toBe('local')
    expect(named.controller).toBe(named.hosts[0])
  })
})
