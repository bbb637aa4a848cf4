import { describe, expect, test } from 'vitest'
import type { Section } from '../../engine/model/session.ts'
import { shells } from './machine.ts'
import { calm, results, shellHere } from './open.ts'

const name: Section = { script: 'echo "${TSP_RANDOM-none}"; env | grep -c TSP_RANDOM || :' }

describe.each(shells.filter(({ installed }) => installed))('a part of a name that nobody can guess, in $name', ({ command }) => {
  test('is made up for each section that changes, for that alone, and stands in nobody\'s environment', async () => {
    await using shell = await shellHere({ interpreter: command, environment: { TSP_RANDOM: '0000000000000000' } })
    const changes = async () => results(await shell.apply({ sections: [name, { ...name, onFailure: 'stop' }, name], deadline: 5000 }, calm)).map(({ stdout }) => stdout)
    const all = [...(await changes()), ...(await changes())]
    expect(new Set(all).size).toBe(6)
    for (const one of all) expect(one).toMatch(/^(?!0{16})[0-9a-f]{16}\n0\n$/)
    expect(results(await shell.query([name], calm)).map(({ stdout }) => stdout)).toEqual(['none\n0\n'])
  })
})
