import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../engine/model/secret.ts'
import { secretString } from '../../engine/secrets/secret-string.ts'
import { mistakes, validate } from './validate-support.ts'

describe('variables that fit', () => {
  test('are parsed, and defaults filled in', async () => {
    expect(await mistakes('vip: 10.0.0.10\nnames: [a, b]', { vip: z.ipv4(), names: z.array(z.string()), apiPort: z.int().default(6443), note: z.string().optional() })).toEqual({
      values: { vip: '10.0.0.10', names: ['a', 'b'], apiPort: 6443, note: undefined },
      warnings: '',
    })
  })

  test("a play's own values win over the inventory's", async () => {
    expect(await mistakes('port: 1', { port: z.int() }, { port: 2 })).toEqual({ values: { port: 2 }, warnings: '' })
    expect(await mistakes('port: 1', { port: z.int() }, { port: undefined })).toEqual({ values: { port: 1 }, warnings: '' })
  })

  test('a secret from the environment stays one, and plain text for it is a warning that does not repeat it', async () => {
    const found = await validate('token: !env TOKEN', { token: secretString() })
    expect('values' in found && found.values['token'] instanceof Secret && Secret.reveal(found.values['token'])).toBe('from the environment')
    expect('values' in found && found.warnings).toEqual([])
    expect(await mistakes('token: plain-token-1234', { token: secretString() })).toMatchInlineSnapshot(`
      {
        "values": {
          "token": "***",
        },
        "warnings": "warning: prod.yaml:3:5: \`token\` is a secret in plain text
            token: ***
            ~~~~~
        use \`!vault\`, \`!env NAME\` or \`!file PATH\`",
      }
    `)
    expect(await mistakes('users: [{ name: a, hash: abcdef }]', { users: z.array(z.object({ name: z.string(), hash: secretString() })) })).toMatchInlineSnapshot(`
      {
        "values": {
          "users": [
            {
              "hash": "***",
              "name": "a",
            },
          ],
        },
        "warnings": "warning: prod.yaml:3:24: \`users[0].hash\` is a secret in plain text
            users: [{ name: a, hash: ***
                               ~~~~
        use \`!vault\`, \`!env NAME\` or \`!file PATH\`",
      }
    `)
    expect(await mistakes('a: 1', { token: secretString() }, { token: 'from the playbook' })).toMatchObject({ warnings: '' })
  })

  test('yes and off are booleans where a boolean is expected, with a warning', async () => {
    const flags = { on: z.boolean(), deep: z.object({ list: z.array(z.boolean()) }), text: z.string() }
    expect(await mistakes('on: yes\ndeep: { list: [true, Off] }\ntext: yes', flags)).toMatchInlineSnapshot(`
      {
        "values": {
          "deep": {
            "list": [
              true,
              false,
            ],
          },
          "on": true,
          "text": "yes",
        },
        "warnings": "warning: prod.yaml:3:9: \`on\`: \`yes\` is text in YAML 1.2; taken as true
            on: yes
                ~~~
        write true
      warning: prod.yaml:4:26: \`deep.list[1]\`: \`Off\` is text in YAML 1.2; taken as false
            deep: { list: [true, Off] }
                                 ~~~
        write false",
      }
    `)
    expect(await mistakes("on: 'yes'", { on: z.boolean() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:9: \`on\`: expected true or false, got "yes" (role lb)
            on: 'yes'
                ~~~~~"
    `)
  })
})
