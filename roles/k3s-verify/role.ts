import { assert, byHost, Members, report, role, z } from 'ts-play'
import { k3sVersion } from '../k3s/variables.ts'
import { endpoint, floatingAddressOf } from '../kubernetes/endpoint.ts'
import { K3sHealthReport } from '../outputs.ts'
import { judgeK3s } from './judge.ts'

/** Judges what all hosts of a k3s cluster said about themselves, and shows it as a table. Changes nothing; it fails if a component does, and a warning is shown only. */
export const k3sVerify = role('k3s-verify', {
  vars: { endpoint, k3sVersion, snapshotsOlderThan: z.int().positive().default(86_400).describe('Seconds after which the newest snapshot of a server is old') },
  inputs: { reports: byHost(K3sHealthReport), balancers: Members, servers: Members, agents: Members },
  tasks: ({ vars, inputs }) => {
    const findings = judgeK3s(inputs.reports, {
      balancers: inputs.balancers.map(({ name }) => name),
      servers: inputs.servers.map(({ name }) => name),
      agents: inputs.agents.map(({ name }) => name),
      endpoint: `${vars.endpoint.name}:${vars.endpoint.port}`,
      vip: floatingAddressOf(vars.endpoint),
      k3sVersion: vars.k3sVersion,
      snapshotsOlderThan: vars.snapshotsOlderThan,
    })
    const ill = findings.filter(({ state }) => state === 'failed')
    return [
      report({ title: 'Health', columns: ['component', 'state', 'found'], rows: findings.map(({ component, state, found, remedy }) => [component, state, remedy === '' ? found : `${found} → ${remedy}`]) }),
      assert({
        name: 'every component is well',
        that: ill.length === 0,
        message: `${ill.length} of ${findings.length} are not: ${ill.map(({ component, found }) => `${component} (${found})`).join('; ')}`,
        remedy: ill.map(({ component, remedy }) => `${component}: ${remedy}`).join('\n'),
      }),
    ]
  },
})
