import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Secret, secret, sh } from '../../../engine/index.ts'
import { leftTickets } from '../../../roles/first-master/left-tickets.ts'
import { ticketLabel, tokenManifest } from '../../../roles/first-master/tickets.ts'
import { runShell } from '../support/shell.ts'

const task = leftTickets({ kubectl: sh`kubectl` })

/** What would be done where kubectl prints this. */
function plan(printed: string) {
  const { status, stdout, stderr } = runShell(task.probe.command.text, { kubectl: `[ "$*" = 'get secrets --namespace kube-system --selector ${ticketLabel} -o name' ] || exit 9\nprintf %s '${printed}'` })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return task.assess({ status: 0, stdout, stderr: '' }, () => { throw new Error('no source is needed') })
}

describe('tickets that a run could not take back', () => {
  test('go, all in one request, and what is not there any more is no mistake', () => {
    const { changes, apply } = plan('secret/bootstrap-token-abcdef\nsecret/bootstrap-token-012345\n')
    expect(changes).toMatchObject([{ effect: 'modifies', attribute: 'bootstrap-token-abcdef', to: { type: 'absent' } }, { attribute: 'bootstrap-token-012345' }])
    expect(runShell(apply().command.text, { kubectl: 'echo "$*"' }).stdout).toBe('delete secret --namespace kube-system --ignore-not-found bootstrap-token-abcdef bootstrap-token-012345\n')
  })
  test('where there are none nothing is done', () => {
    expect(plan('').changes).toEqual([])
  })
  test('a Secret that is no bootstrap token is left alone, whatever label somebody gave it', () => {
    expect(plan('secret/kubeadm-certs\nsecret/bootstrap-token-toolong\n').changes).toEqual([])
  })
  test('a token carries the label by which it is found', () => {
    const manifest: unknown = parse(Secret.reveal(tokenManifest(secret`abcdef.0123456789abcdef`, new Date(0))))
    const [key = '', wanted] = ticketLabel.split('=')
    expect(manifest).toMatchObject({ metadata: { labels: { [key]: wanted } } })
  })
  test('an API that does not answer is not taken for one without tickets', () => {
    expect(runShell(task.probe.command.text, { kubectl: 'echo refused >&2; exit 1' }).status).not.toBe(0)
  })
})
