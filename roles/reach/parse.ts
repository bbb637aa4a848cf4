import type { Path, Surroundings } from '../kubernetes/surroundings.ts'
import type { Need } from './needs.ts'

const states: readonly Path['state'][] = ['open', 'refused', 'rejected', 'silent']

/** Reads what `listen.ts` printed. */
export function parseSurroundings(stdout: string, needs: readonly Need[]): Surroundings {
  const pairs = stdout.split('\n').map(line => ({ key: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1) }))
  const all = (key: string): readonly string[] => pairs.filter(pair => pair.key === key).map(({ value }) => value)
  return {
    // In the order of the needs, not of the answers: the same fault reads the same every time.
    paths: needs.flatMap(need => {
      const state = states.find(known => all('path').includes(`${need.address}:${need.port} ${known}`))
      return state === undefined ? [] : [{ ...need, state }]
    }),
    routers: all('vrrp').flatMap(line => {
      const [address = '', id = ''] = line.split(' ')
      return /^\d+$/.test(id) ? [{ address, id: Number(id) }] : []
    }),
    unchecked: [...(all('path').includes('unchecked') ? (['paths', 'routers'] as const) : []), ...(all('vrrp').includes('unchecked') ? (['routers'] as const) : [])],
  }
}
