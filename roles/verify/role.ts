import { assert, byHost, Members, report, role } from 'ts-play'
import { backupVars } from '../etcd-backup/variables.ts'
import { backupStore } from '../kubernetes/backup-store.ts'
import { endpoint, floatingAddressOf } from '../kubernetes/endpoint.ts'
import { kubernetesVersion } from '../kubernetes/variables.ts'
import { HealthReport } from '../outputs.ts'
import { judge } from './judge.ts'

/**
 * Judges what all hosts said about themselves, and shows it as a table. Changes nothing, so that a monitoring system may run it: it fails if a component
 * does, and a warning is shown only.
 */
export const verify = role('verify', {
  vars: { endpoint, kubernetesVersion, backupStore, backupMaxAge: backupVars.backupMaxAge },
  inputs: { reports: byHost(HealthReport), balancers: Members, etcdHosts: Members, controlPlanes: Members, workers: Members },
  tasks: ({ vars, inputs }) => {
    const findings = judge(inputs.reports, {
      balancers: inputs.balancers.map(({ name }) => name),
      etcdHosts: inputs.etcdHosts.map(({ name }) => name),
      controlPlanes: inputs.controlPlanes.map(({ name }) => name),
      workers: inputs.workers.map(({ name }) => name),
      endpoint: `${vars.endpoint.name}:${vars.endpoint.port}`,
      vip: floatingAddressOf(vars.endpoint),
      kubernetesVersion: vars.kubernetesVersion,
      backups: { maxAge: vars.backupMaxAge, store: vars.backupStore },
    })
    const ill = findings.filter(({ state }) => state === 'failed')
    return [
      report({
        title: 'Health',
        columns: ['component', 'state', 'found'],
        rows: findings.map(({ component, state, found, remedy }) => [component, state, remedy === '' ? found : `${found} → ${remedy}`]),
      }),
      assert({
        name: 'every component is well',
        that: ill.length === 0,
        message: `${ill.length} of ${findings.length} are not: ${ill.map(({ component, found }) => `${component} (${found})`).join('; ')}`,
        remedy: ill.map(({ component, remedy }) => `${component}: ${remedy}`).join('\n'),
      }),
    ]
  },
})
