import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { secretString } from '../../engine/secrets/secret-string.ts'
import { mistakes } from './validate-support.ts'

describe('a mistake is told where the value was written', () => {
  test('of another type', async () => {
    expect(await mistakes('port: text\nname: 5\nlist: a\nmap: [1]\nversion: 1.30\nflag: 1', { port: z.number(), name: z.string(), list: z.array(z.string()), map: z.object({}), version: z.string(), flag: z.boolean() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:11: \`port\` of role lb: expected a number, got "text"
            port: text
                  ~~~~
      error: prod.yaml:4:11: \`name\` of role lb: expected text, got number 5
            name: 5
                  ~
        write it in quotes: '5'
      error: prod.yaml:5:11: \`list\` of role lb: expected a list, got "a"
            list: a
                  ~
        write a list: one \`- value\` on each line, or [a, b]
      error: prod.yaml:6:5: \`map\` of role lb: expected a mapping, got a list
            map: [1]
            ~~~
      error: prod.yaml:7:14: \`version\` of role lb: expected text, got number 1.3
            version: 1.30
                     ~~~~
        write it in quotes: '1.30'
      error: prod.yaml:8:11: \`flag\` of role lb: expected true or false, got number 1
            flag: 1
                  ~"
    `)
  })

  test('out of range, of a wrong form, not one of the choices', async () => {
    const schemas = {
      port: z.int().min(1).max(65_535),
      cidr: z.cidrv4(),
      mode: z.enum(['ipvs', 'iptables', 'nftables']),
      name: z.string().regex(/^[a-z]+$/),
      id: z.string().regex(/^[a-z]+$/, 'only lower-case letters'),
      hosts: z.array(z.string()).min(2),
      step: z.number().multipleOf(5),
      url: z.url(),
    }
    expect(await mistakes('port: 70000\ncidr: 10.0.0.0\nmode: ipvz\nname: A1\nid: A1\nhosts: [a]\nstep: 7\nurl: nowhere', schemas)).toMatchInlineSnapshot(`
      "error: prod.yaml:3:11: \`port\` of role lb: expected at most 65535, got number 70000
            port: 70000
                  ~~~~~
      error: prod.yaml:4:11: \`cidr\` of role lb: expected an IPv4 network such as 10.0.0.0/16, got "10.0.0.0"
            cidr: 10.0.0.0
                  ~~~~~~~~
      error: prod.yaml:5:11: \`mode\` of role lb: expected ipvs, iptables or nftables, got "ipvz"
            mode: ipvz
                  ~~~~
        did you mean \`ipvs\`?
      error: prod.yaml:6:11: \`name\` of role lb: expected text that matches /^[a-z]+$/, got "A1"
            name: A1
                  ~~
      error: prod.yaml:7:9: \`id\` of role lb: only lower-case letters, got "A1"
            id: A1
                ~~
      error: prod.yaml:8:5: \`hosts\` of role lb: expected at least 2 items, got 1
            hosts: [a]
            ~~~~~
      error: prod.yaml:9:11: \`step\` of role lb: expected a multiple of 5, got number 7
            step: 7
                  ~
      error: prod.yaml:10:10: \`url\` of role lb: expected a URL, got "nowhere"
            url: nowhere
                 ~~~~~~~"
    `)
  })

  test('deep inside lists, mappings and merges', async () => {
    const schema = { backends: z.array(z.object({ host: z.string(), port: z.int() })) }
    expect(await mistakes('base: &base { port: http }\nbackends:\n  - host: a\n    port: 1\n  - <<: *base\n    host: [b]\n  - host: c', schema)).toMatchInlineSnapshot(`
      "error: prod.yaml:8:9: \`backends[1].host\` of role lb: expected text, got a list
                host: [b]
                ~~~~
      error: prod.yaml:3:25: \`backends[1].port\` of role lb: expected a number, got "http"
            base: &base { port: http }
                                ~~~~
      error: prod.yaml:9:9: \`backends[2].port\` of role lb: expected a number, got nothing
              - host: c
                ~~~~~~~"
    `)
  })

  test('a name that the schema does not know, refused or dropped', async () => {
    expect(await mistakes('a: { tiemout: 5 }', { a: z.strictObject({ timeout: z.number().optional(), retries: z.number().optional() }) })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:10: \`a.tiemout\` of role lb: \`tiemout\` is not known here
            a: { tiemout: 5 }
                 ~~~~~~~
        did you mean \`timeout\`?"
    `)
    expect(await mistakes('a: { list: [{ tiemout: 5 }] }', { a: z.object({ list: z.array(z.object({ timeout: z.number().optional() })).optional() }).default({}) })).toMatchInlineSnapshot(`
      {
        "values": {
          "a": {
            "list": [
              {},
            ],
          },
        },
        "warnings": "warning: prod.yaml:3:19: \`a.list[0].tiemout\` is not used by role lb
            a: { list: [{ tiemout: 5 }] }
                          ~~~~~~~
        did you mean \`timeout\`?",
      }
    `)
    expect(await mistakes('a: { anything: 5 }', { a: z.looseObject({}), b: z.record(z.string(), z.number()).optional() })).toMatchObject({ warnings: '' })
  })

  test('of a union: the branch that came furthest, or what each of them wants', async () => {
    const store = z.discriminatedUnion('type', [z.object({ type: z.literal('s3'), bucket: z.string() }), z.object({ type: z.literal('disk'), path: z.string() })])
    expect(await mistakes('a: [1]\nb: { type: s3, bucket: 5 }\nc: { type: ftp }', { a: z.union([z.string(), z.number()]), b: store, c: store })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:5: \`a\` of role lb: expected text or a number, got a list
            a: [1]
            ~
      error: prod.yaml:4:28: \`b.bucket\` of role lb: expected text, got number 5
            b: { type: s3, bucket: 5 }
                                   ~
        write it in quotes: '5'
      error: prod.yaml:5:16: \`c.type\` of role lb: expected s3 or disk, got "ftp"
            c: { type: ftp }
                       ~~~"
    `)
  })

  test('a secret where text is expected', async () => {
    expect(await mistakes('name: !env TOKEN', { name: z.string() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:16: \`name\` of role lb: expected text, got a secret
            name: !env TOKEN
                       ~~~~~
        a role that takes a secret declares the variable with secretString(); what is no secret goes into a file that is not encrypted"
    `)
  })

  test('a value whose name looks like a secret is not repeated', async () => {
    expect(await mistakes('db_password: hunter2', { db_password: z.string().min(12) })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:18: \`db_password\` of role lb: expected at least 12 characters, got 7
            db_password: ***
                         ~~~~~~~"
    `)
  })

  test("in the play's own values, at the play", async () => {
    expect(await mistakes('port: 1', { port: z.int() }, { port: 'x' })).toMatchInlineSnapshot(`"error: playbooks/ha.ts:12:1: \`port\` of role lb: expected a number, got "x""`)
  })

  test('of a schema that throws, as the mistake of the role', async () => {
    expect(await mistakes('a: 1', { a: z.number().transform(() => { throw new Error('oops') }) })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:8: role lb: the schema of \`a\` threw: oops
            a: 1
               ~
        this is a mistake of the role, not of the value"
    `)
  })
})

describe('a variable that is missing', () => {
  test('is told with the role, the host, what it wants and where to put it', async () => {
    expect(await mistakes('other: 1', { vip: z.ipv4(), mode: z.enum(['a', 'b']), token: secretString() })).toMatchInlineSnapshot(`
      "error: prod.yaml:5:5: role lb needs \`vip\` (an IPv4 address), which is not set for host m1
            m1:
            ~~
        set it under \`vars\` of group \`all\` or under host \`m1\` in prod.yaml, or in group_vars/all.yaml beside it
      error: prod.yaml:5:5: role lb needs \`mode\` (a or b), which is not set for host m1
            m1:
            ~~
        set it under \`vars\` of group \`all\` or under host \`m1\` in prod.yaml, or in group_vars/all.yaml beside it
      error: prod.yaml:5:5: role lb needs \`token\` (a secret that is not empty), which is not set for host m1
            m1:
            ~~
        set it under \`vars\` of group \`all\` or under host \`m1\` in prod.yaml, or in group_vars/all.yaml beside it"
    `)
  })

  test('is told where its misspelling is', async () => {
    expect(await mistakes('api_prot: 6443', { apiPort: z.int() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:5: role lb needs \`apiPort\` (a number), which is not set for host m1
            api_prot: 6443
            ~~~~~~~~
        \`api_prot\` is set: did you mean \`apiPort\`?"
    `)
  })
})
