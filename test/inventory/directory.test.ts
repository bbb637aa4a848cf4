import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { directory } from '../../engine/inventory/directory.ts'
import { undeclaredVars } from '../../engine/inventory/undeclared-vars.ts'
import { groups } from '../../engine/model/group.ts'
import { play } from '../../engine/model/play.ts'
import { role } from '../../engine/model/role.ts'
import { inventoryOf, printed } from './support.ts'

const { masters } = groups('masters')
const lb = play(role('lb', { vars: { vip: z.ipv4(), enabled: z.boolean().default(true) } }), { hosts: masters })

describe("the variables of a play's hosts", () => {
  test('a mistake that hosts share is told once, and the others have none left', async () => {
    const inventory = await inventoryOf('masters:\n  vars: { enabled: 5 }\n  hosts: { m1: , m2: , m3: { vip: 10.0.0.1 } }\n')
    const known = directory(inventory)
    const told = ['m1', 'm2', 'm3'].map(host => known.vars(lb, host))
    expect(told.map(found => ('diagnostics' in found ? printed(found.diagnostics) : found))).toMatchInlineSnapshot(`
      [
        "error: prod.yaml:3:12: \`vip\` (an IPv4 address) is not set for hosts m1, m2 (role lb)
          hosts: { m1: , m2: , m3: { vip: 10.0.0.1 } }
                   ~~
        set it under \`vars\` of group \`masters\` in prod.yaml, or in group_vars/masters.yaml beside it
      error: prod.yaml:2:20: \`enabled\`: expected true or false, got number 5 (role lb)
          vars: { enabled: 5 }
                           ~",
        "",
        "",
      ]
    `)
  })

  test('warnings of hosts are kept once', async () => {
    const known = directory(await inventoryOf('masters: { vars: { vip: 10.0.0.1, enabled: no }, hosts: { m1: , m2: } }'))
    expect(['m1', 'm2'].map(host => known.vars(lb, host))).toEqual([{ values: { vip: '10.0.0.1', enabled: false } }, { values: { vip: '10.0.0.1', enabled: false } }])
    expect(printed(known.warnings())).toMatchInlineSnapshot(`
      "warning: prod.yaml:1:44: \`enabled\`: \`no\` is text in YAML 1.2; taken as false
        masters: { vars: { vip: 10.0.0.1, enabled: no }, hosts: { m1: , m2: } }
                                                   ~~
        write false"
    `)
  })
})

describe('variables that no role declares', () => {
  test('are told when a declared name is near and not set, once for each place', async () => {
    const inventory = await inventoryOf(`
all:
  vars: { api_prot: 6443, colour: red, node_ip: x, node_ips: y }
  hosts: { m1: { vipp: 1 }, m2: , m3: }
`)
    expect(printed(undeclaredVars(inventory, ['apiPort', 'vip', 'node_ip']))).toMatchInlineSnapshot(`
      "warning: prod.yaml:3:11: no role of this playbook declares \`api_prot\`
          vars: { api_prot: 6443, colour: red, node_ip: x, node_ips: y }
                  ~~~~~~~~
        did you mean \`apiPort\`?
      warning: prod.yaml:4:18: no role of this playbook declares \`vipp\`
          hosts: { m1: { vipp: 1 }, m2: , m3: }
                         ~~~~
        did you mean \`vip\`?"
    `)
  })

  test('stay in the variables of the host', async () => {
    const inventory = await inventoryOf('all: { hosts: { m1: { mine: [1] } } }')
    expect(undeclaredVars(inventory, ['vip'])).toEqual([])
    expect(inventory.hosts[0]?.vars).toEqual({ mine: [1] })
  })
})
