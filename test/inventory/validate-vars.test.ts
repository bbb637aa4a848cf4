import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { secretString } from '../../engine/secrets/secret-string.ts'
import { mistakes } from './validate-support.ts'

describe('a mistake is told where the value was written', () => {
  test('of another type', async () => {
    expect(await mistakes('port: text\nname: 5\nlist: a\nmap: [1]\nversion: 1.30\nflag: 1', { port: z.number(), name: z.string(), list: z.array(z.string()), map: z.object({}), version: z.string(), flag: z.boolean() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:11: \`port\`: expected a number, got "text" (role lb)
            port: text
                  ~~~~
      error: prod.yaml:4:11: \`name\`: expected text, got number 5 (role lb)
            name: 5
                  ~
        write it in quotes: '5'
      error: prod.yaml:5:11: \`list\`: expected a list, got "a" (role lb)
            list: a
                  ~
        write a list: one \`- value\` on each line, or [a, b]
      error: prod.yaml:6:5: \`map\`: expected a mapping, got a list (role lb)
            map: [1]
            ~~~
      error: prod.yaml:7:14: \`version\`: expected text, got number 1.3 (role lb)
            version: 1.30
                     ~~~~
        write it in quotes: '1.30'
      error: prod.yaml:8:11: \`flag\`: expected true or false, got number 1 (role lb)
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
      "error: prod.yaml:3:11: \`port\`: expected at most 65535, got number 70000 (role lb)
            port: 70000
                  ~~~~~
      error: prod.yaml:4:11: \`cidr\`: expected an IPv4 network such as 10.0.0.0/16, got "10.0.0.0" (role lb)
            cidr: 10.0.0.0
                  ~~~~~~~~
      error: prod.yaml:5:11: \`mode\`: expected ipvs, iptables or nftables, got "ipvz" (role lb)
            mode: ipvz
                  ~~~~
        did you mean \`ipvs\`?
      error: prod.yaml:6:11: \`name\`: expected text that matches /^[a-z]+$/, got "A1" (role lb)
            name: A1
                  ~~
      error: prod.yaml:7:9: \`id\`: only lower-case letters, got "A1" (role lb)
            id: A1
                ~~
      error: prod.yaml:8:5: \`hosts\`: expected at least 2 items, got 1 (role lb)
            hosts: [a]
            ~~~~~
      error: prod.yaml:9:11: \`step\`: expected a multiple of 5, got number 7 (role lb)
            step: 7
                  ~
      error: prod.yaml:10:10: \`url\`: expected a URL, got "nowhere" (role lb)
            url: nowhere
                 ~~~~~~~"
    `)
  })

  test('deep inside lists, mappings and merges', async () => {
    const schema = { backends: z.array(z.object({ host: z.string(), port: z.int() })) }
    expect(await mistakes('base: &base { port: http }\nbackends:\n  - host: a\n    port: 1\n  - <<: *base\n    host: [b]\n  - host: c', schema)).toMatchInlineSnapshot(`
      "error: prod.yaml:8:9: \`backends[1].host\`: expected text, got a list (role lb)
                host: [b]
                ~~~~
      error: prod.yaml:3:25: \`backends[1].port\`: expected a number, got "http" (role lb)
            base: &base { port: http }
                                ~~~~
      error: prod.yaml:9:9: \`backends[2].port\`: expected a number, got nothing (role lb)
              - host: c
                ~~~~~~~"
    `)
  })

  test('a name that the schema does not know, refused or dropped', async () => {
    expect(await mistakes('a: { tiemout: 5 }', { a: z.strictObject({ timeout: z.number().optional(), retries: z.number().optional() }) })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:10: \`a.tiemout\`: \`tiemout\` is not known here (role lb)
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
        "warnings": "warning: prod.yaml:3:19: \`a.list[0].tiemout\` is not used (role lb)
            a: { list: [{ tiemout: 5 }] }
                          ~~~~~~~
        did you mean \`timeout\`?",
      }
    `)
    expect(await mistakes('a: { anything: 5 }', { a: z.looseObject({}), b: z.record(z.string(), z.number()).optional() })).toMatchObject({ warnings: '' })
  })

  test('a name that has to be there and was misspelt, also where it tells the branches of a union apart', async () => {
    const store = z.discriminatedUnion('type', [z.object({ type: z.literal('s3') }), z.object({ type: z.literal('disk') })])
    expect(await mistakes('a: { tiemout: 5 }\nb: { tpye: s3 }', { a: z.object({ timeout: z.number() }), b: store })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:10: \`a.timeout\`: expected a number, got nothing (role lb)
            a: { tiemout: 5 }
                 ~~~~~~~
        \`tiemout\` is set: did you mean \`timeout\`?
      error: prod.yaml:4:10: \`b.type\`: expected s3 or disk, got nothing (role lb)
            b: { tpye: s3 }
                 ~~~~
        \`tpye\` is set: did you mean \`type\`?"
    `)
  })

  test('of a union: the branch that came furthest, or what each of them wants', async () => {
    const store = z.discriminatedUnion('type', [z.object({ type: z.literal('s3'), bucket: z.string() }), z.object({ type: z.literal('disk'), path: z.string() })])
    expect(await mistakes('a: [1]\nb: { type: s3, bucket: 5 }\nc: { type: ftp }', { a: z.union([z.string(), z.number()]), b: store, c: store })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:5: \`a\`: expected text or a number, got a list (role lb)
            a: [1]
            ~
      error: prod.yaml:4:28: \`b.bucket\`: expected text, got number 5 (role lb)
            b: { type: s3, bucket: 5 }
                                   ~
        write it in quotes: '5'
      error: prod.yaml:5:16: \`c.type\`: expected s3 or disk, got "ftp" (role lb)
            c: { type: ftp }
                       ~~~"
    `)
  })

  test('a secret where text is expected', async () => {
    expect(await mistakes('name: !env TOKEN', { name: z.string() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:16: \`name\`: expected text, got a secret (role lb)
            name: !env TOKEN
                       ~~~~~
        a role that takes a secret declares the variable with secretString(); what is no secret goes into a file that is not encrypted"
    `)
  })

  test('a value whose name looks like a secret is not repeated', async () => {
    expect(await mistakes('db_password: hunter2', { db_password: z.string().min(12) })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:18: \`db_password\`: expected at least 12 characters, got 7 (role lb)
            db_password: ***
                         ~~~~~~~"
    `)
  })

  test("in the play's own values, at the play", async () => {
    expect(await mistakes('port: 1', { port: z.int() }, { port: 'x' })).toMatchInlineSnapshot(`"error: playbooks/ha.ts:12:1: \`port\`: expected a number, got "x" (role lb)"`)
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
      "error: prod.yaml:5:5: \`vip\` (an IPv4 address) is not set for host m1 (role lb)
            m1:
            ~~
        set it under \`vars\` of group \`all\` or under host \`m1\` in prod.yaml, or in group_vars/all.yaml beside it
      error: prod.yaml:5:5: \`mode\` (a or b) is not set for host m1 (role lb)
            m1:
            ~~
        set it under \`vars\` of group \`all\` or under host \`m1\` in prod.yaml, or in group_vars/all.yaml beside it
      error: prod.yaml:5:5: \`token\` (a secret that is not empty) is not set for host m1 (role lb)
            m1:
            ~~
        set it under \`vars\` of group \`all\` or under host \`m1\` in prod.yaml, or in group_vars/all.yaml beside it"
    `)
  })

  test('is told where its misspelling is', async () => {
    expect(await mistakes('api_prot: 6443', { apiPort: z.int() })).toMatchInlineSnapshot(`
      "error: prod.yaml:3:5: \`apiPort\` (a number) is not set for host m1 (role lb)
            api_prot: 6443
            ~~~~~~~~
        \`api_prot\` is set: did you mean \`apiPort\`?"
    `)
  })
})
