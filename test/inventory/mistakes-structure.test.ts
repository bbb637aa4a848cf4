import { describe, expect, test } from 'vitest'
import { mistakesIn } from './support.ts'

describe('a mistake of structure is told with its place, its line and a next step', () => {
  test('parts of a group that are none', async () => {
    expect(await mistakesIn('all:\n  childrens:\n    g:\n  m1:\n  hosts: { m2: }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:2:3: \`childrens\` is not part of a group; expected hosts, vars, children
          childrens:
          ~~~~~~~~~
        did you mean \`children\`?
      error: prod.yaml:4:3: \`m1\` is not part of a group; expected hosts, vars, children
          m1:
          ~~
        a child group goes under \`children\`, a host under \`hosts\`, a variable under \`vars\`"
    `)
  })

  test('hosts without a group around them', async () => {
    expect(await mistakesIn('hosts:\n  m1:\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:1:1: \`hosts\` belongs under a group
        hosts:
        ~~~~~
        it looks like: all: { children: { masters: { hosts: { m1: { ansible_host: 10.0.0.11 } } } } }"
    `)
  })

  test('lists and single values where a mapping is expected', async () => {
    expect(await mistakesIn('all:\n  hosts: [m1, m2]\n  vars: text\n  children:\n    g: 5\n    h:\n      hosts: { m1: 10.0.0.1 }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:2:10: \`hosts\` of group \`all\` is a mapping; got a list
          hosts: [m1, m2]
                 ~~~~~~~~
        end each name with a \`:\`
      error: prod.yaml:3:9: \`vars\` of group \`all\` is a mapping; got a single value
          vars: text
                ~~~~
        write \`name: value\` lines
      error: prod.yaml:5:8: group \`g\` is a mapping of hosts, vars, children; got a single value
            g: 5
               ~
        it looks like: all: { children: { masters: { hosts: { m1: { ansible_host: 10.0.0.11 } } } } }
      error: prod.yaml:7:20: host \`m1\` is a mapping of variables; got a single value
              hosts: { m1: 10.0.0.1 }
                           ~~~~~~~~
        write \`name: value\` lines below it"
    `)
    expect(await mistakesIn('- m1\n- m2\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:1:1: an inventory is a mapping of groups; got a list
        - m1
        ~~~~
        it looks like: all: { children: { masters: { hosts: { m1: { ansible_host: 10.0.0.11 } } } } }"
    `)
  })

  test('an empty file, and one with comments only', async () => {
    expect(await mistakesIn('')).toMatchInlineSnapshot(`
      "error: prod.yaml: the inventory is empty
        it looks like: all: { children: { masters: { hosts: { m1: { ansible_host: 10.0.0.11 } } } } }"
    `)
    expect(await mistakesIn('# nothing\n---\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:2:4: the inventory is empty
        ---
           ~
        it looks like: all: { children: { masters: { hosts: { m1: { ansible_host: 10.0.0.11 } } } } }"
    `)
  })

  test('a host that is a group too, and a group inside itself', async () => {
    expect(await mistakesIn('masters: { hosts: { m1: } }\nlb: { hosts: { masters: } }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:2:16: \`masters\` is both a host and a group
        lb: { hosts: { masters: } }
                       ~~~~~~~
        a pattern could mean either: give one of them another name"
    `)
    expect(await mistakesIn('a: { hosts: { m1: }, children: { b: } }\nb: { children: { c: } }\nc: { children: { a: } }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:18: group \`a\` holds itself: a → b → c → a
        c: { children: { a: } }
                         ~
        a child group cannot be one of its own parents"
    `)
    expect(await mistakesIn('a: { hosts: { m1: }, children: { all: } }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:1:34: \`all\` cannot be a child group: it holds every host
        a: { hosts: { m1: }, children: { all: } }
                                         ~~~
        remove it from the children of \`a\`"
    `)
  })

  test('ranges that are none', async () => {
    expect(await mistakesIn("all:\n  hosts:\n    'w[3:1]':\n    'w[a:5]':\n    'w[01:100]':\n    'w[1:9:0]':\n    'w[1:99999999]':\n    'w[1]':\n")).toMatchInlineSnapshot(`
      "error: prod.yaml:3:5: host range \`w[3:1]\`: the range is empty or too long
            'w[3:1]':
            ~~~~~~~~
        ranges look like w[1:3], w[01:10:2] or db-[a:c]
      error: prod.yaml:4:5: host range \`w[a:5]\`: the ends of a range are two numbers, or two letters of the same case
            'w[a:5]':
            ~~~~~~~~
        ranges look like w[1:3], w[01:10:2] or db-[a:c]
      error: prod.yaml:5:5: host range \`w[01:100]\`: with a leading zero both ends have the same number of digits
            'w[01:100]':
            ~~~~~~~~~~~
        ranges look like w[1:3], w[01:10:2] or db-[a:c]
      error: prod.yaml:6:5: host range \`w[1:9:0]\`: a range is [first:last] or [first:last:step], with a step of at least 1
            'w[1:9:0]':
            ~~~~~~~~~~
        ranges look like w[1:3], w[01:10:2] or db-[a:c]
      error: prod.yaml:7:5: host range \`w[1:99999999]\`: the range is empty or too long
            'w[1:99999999]':
            ~~~~~~~~~~~~~~~
        ranges look like w[1:3], w[01:10:2] or db-[a:c]
      error: prod.yaml:8:5: host range \`w[1]\`: brackets hold a range
            'w[1]':
            ~~~~~~
        ranges look like w[1:3], w[01:10:2] or db-[a:c]"
    `)
  })

  test('variables beside the inventory for a group or a host that it does not have', async () => {
    const files = { 'prod.yaml': 'masters: { hosts: { m1: } }\n', 'group_vars/master.yml': 'a: 1', 'host_vars/w9.yaml': 'a: 1', 'group_vars/masters.yaml': '- a\n', 'group_vars/all.yaml': '# none yet\n', 'group_vars/README.md': 'x' }
    expect(await mistakesIn(files)).toMatchInlineSnapshot(`
      "warning: group_vars/master.yml: the inventory has no group \`master\`: this is not read
        did you mean \`masters\`?
      error: group_vars/masters.yaml:1:1: a file of variables is a mapping
        - a
        ~~~
        write \`name: value\` lines
      warning: host_vars/w9.yaml: the inventory has no host \`w9\`: this is not read
        hosts are m1"
    `)
  })
})
