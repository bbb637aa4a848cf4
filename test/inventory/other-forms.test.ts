import { describe, expect, test } from 'vitest'
import { mistakesIn } from './support.ts'

describe('an inventory in another form says how to convert it', () => {
  test('INI, by its name, its sections or its lines', async () => {
    expect(await mistakesIn({ 'hosts.ini': '' }, { paths: ['hosts.ini'] })).toMatchInlineSnapshot(`
      "error: hosts.ini: this is an INI inventory; ts-play reads YAML
        convert it: ansible-inventory -i hosts.ini --list --yaml > inventory.yaml"
    `)
    expect(await mistakesIn({ hosts: '# hosts\n[masters]\nm1 ansible_host=10.0.0.1\n' }, { paths: ['hosts'] })).toMatchInlineSnapshot(`
      "error: hosts:2:1: this is an INI inventory; ts-play reads YAML
        convert it: ansible-inventory -i hosts --list --yaml > inventory.yaml"
    `)
    expect(await mistakesIn({ hosts: 'm1 ansible_host=10.0.0.1\n' }, { paths: ['hosts'] })).toMatchInlineSnapshot(`
      "error: hosts:1:1: this is an INI inventory; ts-play reads YAML
        convert it: ansible-inventory -i hosts --list --yaml > inventory.yaml"
    `)
  })

  test('a program, a plugin, and the JSON of ansible-inventory', async () => {
    expect(await mistakesIn('#!/usr/bin/env python3\nprint()\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:1:1: this is a program; ts-play does not run inventory scripts
        convert it: ansible-inventory -i prod.yaml --list --yaml > inventory.yaml"
    `)
    expect(await mistakesIn('plugin: amazon.aws.aws_ec2\nregions: [x]\n')).toMatchInlineSnapshot(`
      "error: prod.yaml:1:1: this configures an Ansible inventory plugin, which ts-play does not run
        plugin: amazon.aws.aws_ec2
        ~
        convert it: ansible-inventory -i prod.yaml --list --yaml > inventory.yaml"
    `)
    expect(await mistakesIn('{"_meta": {"hostvars": {}}, "all": {"children": ["g"]}}')).toMatchInlineSnapshot(`
      "error: prod.yaml:1:1: this is the JSON of \`ansible-inventory --list\`
        {"_meta": {"hostvars": {}}, "all": {"children": ["g"]}}
        ~
        convert it: ansible-inventory -i prod.yaml --list --yaml > inventory.yaml"
    `)
  })

  test('no inventory, no file, a folder without files, text that is not UTF-8', async () => {
    expect(await mistakesIn({}, { paths: [] })).toMatchInlineSnapshot(`
      "error: -i: no inventory was given
        give one: -i inventory/prod.yaml"
    `)
    expect(await mistakesIn({}, { paths: ['missing.yaml'] })).toMatchInlineSnapshot(`"error: missing.yaml: no such file"`)
    expect(await mistakesIn({ 'env/README.md': '' }, { paths: ['env'] })).toMatchInlineSnapshot(`"warning: env: the inventory has no hosts"`)
    expect(await mistakesIn({ 'prod.yaml': new Uint8Array([0x61, 0xff, 0xfe]) })).toMatchInlineSnapshot(`"error: prod.yaml: is not UTF-8 text"`)
  })
})
