import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elect, type Election } from '../../../roles/kubernetes/elect.ts'
import type { Membership } from '../../../roles/outputs.ts'

const seen = (state: Membership['state'], ca: string | undefined = state === 'fresh' ? undefined : 'ours', endpointCa?: string): Membership =>
  ({ state, ca, endpointCa, evidence: [`it is ${state}`], attempt: false, apiServer: 'silent', etcdMember: 'unknown' })

const order = ['m1', 'm2', 'm3']
const decide = (survey: Readonly<Record<string, Membership>>, assumeFresh: readonly string[] = []): Election => elect({ order, survey: new Map(Object.entries(survey)), assumeFresh })

describe('election', () => {
  test('all fresh: the first makes the cluster', () => {
    expect(decide({ m1: seen('fresh'), m2: seen('fresh'), m3: seen('fresh') })).toEqual({ verdict: 'init', host: 'm1' })
  })
  test('any healthy member serves, wherever it stands', () => {
    expect(decide({ m1: seen('fresh'), m2: seen('fresh'), m3: seen('joined') })).toEqual({ verdict: 'serve', host: 'm3' })
  })
  test('a healthy member serves while others are ill, foreign, begun or out of reach', () => {
    expect(decide({ m1: seen('broken'), m2: seen('joined') })).toEqual({ verdict: 'serve', host: 'm2' })
    expect(decide({ m1: seen('foreign', 'theirs'), m2: seen('partial'), m3: seen('joined') })).toEqual({ verdict: 'serve', host: 'm3' })
  })
  test('an init of ours that died goes on where it died', () => {
    expect(decide({ m1: seen('fresh'), m2: seen('partial'), m3: seen('fresh') })).toEqual({ verdict: 'recover', host: 'm2' })
  })
  test('also when its API already answers at the endpoint', () => {
    expect(decide({ m1: seen('fresh', undefined, 'ours'), m2: seen('partial', 'ours', 'ours'), m3: seen('fresh', undefined, 'ours') })).toEqual({ verdict: 'recover', host: 'm2' })
  })

  test.each<[string, Readonly<Record<string, Membership>>, readonly string[], RegExp]>([
    ['a control plane cannot be asked', { m1: seen('fresh'), m2: seen('fresh') }, [], /while m3 cannot be asked/],
    ['nobody could be asked', {}, ['m1', 'm2', 'm3'], /none of the control planes could be asked/],
    ['the endpoint serves a cluster of others', { m1: seen('fresh', undefined, 'theirs'), m2: seen('fresh'), m3: seen('fresh') }, [], /already serves a cluster/],
    ['one is a member elsewhere', { m1: seen('fresh'), m2: seen('foreign', 'theirs'), m3: seen('fresh') }, [], /m2: it is foreign/],
    ['one is ill', { m1: seen('fresh'), m2: seen('broken'), m3: seen('fresh') }, [], /m2: it is broken/],
    ['two have begun', { m1: seen('partial'), m2: seen('partial', 'other'), m3: seen('fresh') }, [], /more than one/],
    ['two clusters live side by side', { m1: seen('joined', 'one'), m2: seen('joined', 'two'), m3: seen('fresh') }, [], /different clusters/],
  ])('refuses when %s', (_, survey, assumeFresh, reason) => {
    const election = decide(survey, assumeFresh)
    expect(election).toMatchObject({ verdict: 'refuse', reason: expect.stringMatching(reason) })
  })

  test('the user may vouch for a host that is out of reach', () => {
    expect(decide({ m2: seen('fresh'), m3: seen('fresh') }, ['m1'])).toEqual({ verdict: 'init', host: 'm2' })
  })
})

describe('whatever was seen', () => {
  const state = fc.constantFrom<Membership['state']>('fresh', 'partial', 'joined', 'foreign', 'broken')
  const membership = fc.record({ state, ca: fc.constantFrom('one', 'two', undefined), endpointCa: fc.constantFrom('one', 'two', undefined) }).map(({ state: of, ca, endpointCa }): Membership => seen(of, of === 'fresh' ? undefined : ca, endpointCa))
  const electorate = fc.record({
    names: fc.uniqueArray(fc.constantFrom<string>('m1', 'm2', 'm3', 'm4', 'm5'), { minLength: 1 }),
    memberships: fc.array(fc.option(membership, { nil: undefined }), { minLength: 5, maxLength: 5 }),
  }).map(({ names, memberships }) => ({ names, survey: new Map(names.flatMap((name, index) => { const one = memberships[index]; return one === undefined ? [] : [[name, one] as const] })) }))

  test('a cluster is made only where every control plane was asked and is fresh, and the endpoint serves none', () => {
    fc.assert(fc.property(electorate, ({ names, survey }) => {
      const { verdict } = elect({ order: names, survey, assumeFresh: [] })
      if (verdict !== 'init') return
      expect(names.every(name => survey.get(name)?.state === 'fresh' && survey.get(name)?.endpointCa === undefined)).toBe(true)
    }), { numRuns: 2000 })
  })
  test('whoever acts was asked, and nobody acts beside a healthy member', () => {
    fc.assert(fc.property(electorate, ({ names, survey }) => {
      const { verdict, host } = elect({ order: names, survey, assumeFresh: [] })
      if (host !== undefined) expect(survey.has(host)).toBe(true)
      if ([...survey.values()].some(({ state: of }) => of === 'joined')) expect(['serve', 'refuse']).toContain(verdict)
      if (verdict === 'serve') expect(survey.get(host ?? '')?.state).toBe('joined')
    }), { numRuns: 2000 })
  })
  test('inventory order decides who acts, never what is done', () => {
    fc.assert(fc.property(electorate, fc.integer(), ({ names, survey }, rotation) => {
      const at = Math.abs(rotation) % names.length
      const turned = [...names.slice(at), ...names.slice(0, at)]
      expect(elect({ order: turned, survey, assumeFresh: [] }).verdict).toBe(elect({ order: names, survey, assumeFresh: [] }).verdict)
    }), { numRuns: 2000 })
  })
})
