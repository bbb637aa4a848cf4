import { describe, expect, test } from 'vitest'
import { sh } from '../../../engine/index.ts'
import { markControlPlane } from '../../../roles/control-plane-join/mark-control-plane.ts'
import { runShell } from '../support/shell.ts'

const task = markControlPlane({ kubectl: sh`kubectl`, nodeName: 'cp2' })

/** What would run where the Node has these labels. */
function plan(labels: Readonly<Record<string, string>>): string | undefined {
  const { status, stdout, stderr } = runShell(task.probe.command.text, { kubectl: `printf %s '${JSON.stringify(labels)}'` })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const { changes, apply } = task.assess({ status: 0, stdout, stderr: '' }, () => { throw new Error('no source is needed') })
  return changes.length === 0 ? undefined : runShell(apply().command.text, { kubectl: 'echo "$*"' }).stdout
}

describe('a node whose join died between its vote in etcd and its end', () => {
  test('gets the labels and the taint that kubeadm gives', () => {
    expect(plan({ 'kubernetes.io/hostname': 'cp2' })).toBe([
      'label node cp2 --overwrite node-role.kubernetes.io/control-plane= node.kubernetes.io/exclude-from-external-load-balancers=',
      'taint node cp2 --overwrite node-role.kubernetes.io/control-plane:NoSchedule\n',
    ].join('\n'))
  })
  test('that is marked keeps what it has, also where somebody took the taint away', () => {
    expect(plan({ 'kubernetes.io/hostname': 'cp2', 'node-role.kubernetes.io/control-plane': '' })).toBeUndefined()
  })
})
