import { describe, expect, test } from 'vitest'
import { mistakesIn } from './support.ts'

describe('a mistake of YAML is told with its place, its line and a next step', () => {
  test('tabs, a missing colon, an open quote', async () => {
    expect(await mistakesIn('all:\n  hosts:\n\t\tm1:\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:1: YAML syntax: a tab in the indentation
          m1:
        ~~
        indent with spaces: YAML does not allow tabs"
    `)
    expect(await mistakesIn('all:\n  hosts:\n    m1\n    m2:\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:5: YAML syntax: a name without a \`:\`
            m1
            ~~
        a \`:\` is missing on this line, or the line before is indented wrongly"
    `)
    expect(await mistakesIn('all:\n  vars:\n    a: "open\n  hosts:\n    m1:\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:8: YAML syntax: Missing closing "quote
            a: "open
               ~
        a quote, a bracket or a \`:\` is not closed or missing"
    `)
  })

  test('a name that is there twice', async () => {
    expect(await mistakesIn('all:\n  hosts:\n    m1: { a: 1 }\n    m2:\n    m1: { a: 2 }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:5:5: duplicate name \`m1\`
            m1: { a: 2 }
            ~~
        it is on line 3 already"
    `)
  })

  test('an alias without its anchor, and a merge of what is no mapping', async () => {
    expect(await mistakesIn('all:\n  vars:\n    a: *nowhere\n    b: { <<: text }\n  hosts: { m1: }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:8: no anchor \`&nowhere\` before this
            a: *nowhere
               ~~~~~~~~
        quote the value if the text \`*nowhere\` is meant
      error: prod.yaml:4:14: \`<<\` merges a mapping, or a list of mappings
            b: { <<: text }
                     ~~~~
        write \`<<: *name\`"
    `)
  })

  test('values that mean something else in YAML 1.1', async () => {
    const yaml = `all:
  vars:
    mode: 0644
    quoted: '0644'
    octal: 0o644
    version: 1.30
    long: 12345678901234567890
    address: "{{ inventory_hostname }}"
    kept: !unsafe "{{ text }}"
  hosts:
    m1: { ansible_become: Yes }
`
    expect(await mistakesIn(yaml)).toMatchInlineSnapshot(`
      "warning: prod.yaml:3:11: \`0644\` is the decimal number 644 here, not octal as in Ansible
            mode: 0644
                  ~~~~
        write 0o644 for the octal number or '0644' for the text
      warning: prod.yaml:6:14: \`1.30\` is the number 1.3: its last zero is lost
            version: 1.30
                     ~~~~
        write '1.30' if it is a version or another text
      warning: prod.yaml:7:11: \`12345678901234567890\` is too long for a number: digits are lost
            long: 12345678901234567890
                  ~~~~~~~~~~~~~~~~~~~~
        write '12345678901234567890' as text
      warning: prod.yaml:8:14: Jinja templates are not evaluated: the text is taken as it stands
            address: "{{ inventory_hostname }}"
                     ~~~~~~~~~~~~~~~~~~~~~~~~~~
        compute the value in the role or the playbook; \`!unsafe\` says that the text is meant
      warning: prod.yaml:11:27: "Yes" is text in YAML 1.2; taken as true
            m1: { ansible_become: Yes }
                                  ~~~
        write true"
    `)
  })

  test('an unquoted template', async () => {
    expect(await mistakesIn('all:\n  vars:\n    a: {{ b }}\n  hosts: { m1: }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:9: a name must be text
            a: {{ b }}
                ~~~~~
        templates such as {{ … }} are not evaluated; a text with braces needs quotes"
    `)
  })

  test('a tag that is not understood', async () => {
    expect(await mistakesIn('all:\n  vars:\n    a: !!python/object/apply:os.system ["id"]\n    b: !lookup x\n  hosts: { m1: }\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:3:40: tag \`tag:yaml.org,2002:python/object/apply:os.system\` is not understood on a list
            a: !!python/object/apply:os.system ["id"]
                                               ~~~~~~
      error: prod.yaml:4:16: tag \`!lookup\` is not understood
            b: !lookup x
                       ~
        understood are !vault, !env, !file and !unsafe"
    `)
  })
})
