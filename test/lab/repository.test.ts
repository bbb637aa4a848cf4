import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprintsOf } from '../../engine/resources/openpgp-key.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { kubernetesRepository, type KubernetesRepository } from './support/kubernetes-repository.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

const roles = fileURLToPath(new URL('../../roles/', import.meta.url))

/** What `prereqs` does to bring kubeadm, kubelet and kubectl, and nothing else of it. */
const PLAYBOOK = `import { controller, groups, play, playbook, role } from 'ts-play'
import { kubernetesVersion } from '${roles}kubernetes/variables.ts'
import { Software } from '${roles}outputs.ts'
import { kubernetesSoftware } from '${roles}prereqs/software.ts'
import { software } from '${roles}software/role.ts'
const { nodes } = groups('nodes')
const packages = role('packages', { vars: { kubernetesVersion }, inputs: { software: Software }, tasks: ({ vars, inputs }) => kubernetesSoftware(inputs.software, vars.kubernetesVersion) })
const source = play(software, { hosts: controller })
export default playbook('packages', [source, play(packages, { hosts: nodes, with: { software: source.outputs.software.first } })])
`

describe.skipIf(requireLab())('Kubernetes from a package repository over HTTP, laid out and signed as pkgs.k8s.io is', () => {
  let lab: Lab
  let play: TsPlay
  let repository: KubernetesRepository
  let playbook: string
  let runs = 0

  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1', 'h2')
    play = await tsPlay(lab)
    playbook = await play.write('packages.ts', PLAYBOOK)
    repository = await kubernetesRepository(lab, 'h2')
    await repository.publish(34, [9, 10, 11])
    for (const signer of ['kubernetes', 'stranger'] as const) await play.write(`${signer}.asc`, repository.keys[signer])
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    // What a host has downloaded is lent to later hosts.
    await lab?.console('h1', 'rm -f /var/cache/apt/archives/kube*.deb /var/cache/apt/archives/cri-tools*.deb')
    await lab?.down()
  })

  interface Wanted {
    readonly version?: string
    readonly minor?: number
    readonly key?: 'kubernetes' | 'stranger' | 'fetched'
  }
  const run = async ({ version = 'v1.34.10', minor = 34, key = 'kubernetes' }: Wanted = {}, ...options: readonly string[]): Promise<Finished> => {
    const keyring = key === 'fetched' ? '' : `, keyring: ${play.folder}/${key}.asc`
    const inventory = inventoryOf(lab, { nodes: ['h1'] }, { kubernetesVersion: version, software: `{ from: repository, uri: '${repository.uri(minor)}'${keyring} }` })
    return play.run([playbook, '-i', await play.write(`inventory-${++runs}.yaml`, inventory), ...options])
  }
  const on = async (command: string): Promise<string> => (await lab.console('h1', command)).stdout.trim()
  const installed = () => on("dpkg-query -W -f '${Package} ${Version} ${db:Status-Want}\\n' kubelet kubeadm kubectl cri-tools kubernetes-cni 2>/dev/null | sort")
  /** All that apt is told about repositories, and what of ours lies beside it. */
  const sources = () => on('cd /etc/apt && find . -type f -o -name ".ts-play*" | sort | xargs sha256sum')
  const changed = ({ hosts }: Finished) => hosts.find(({ host }) => host === 'h1')?.changed
  /** The first line of the message of the one failure. */
  const refusal = (ran: Finished): string => {
    const end = ran.events.findLast(event => event.type === 'run-finished')
    const failures = end?.type === 'run-finished' ? end.failures : []
    expect(failures, ran.stdout + ran.stderr).toHaveLength(1)
    expect(ran.code).toBe(1)
    return failures[0]?.failure.message ?? ''
  }
  const fingerprint = (key: 'kubernetes' | 'stranger'): string => fingerprintsOf(repository.keys[key])[0] ?? ''
  const notAdded = (): string => `apt-repository kubernetes exited 1: the repository kubernetes (${repository.uri(34)}) was not added: `

  describe('is refused, and the host is as before, when', () => {
    let before: { readonly sources: string; readonly apt: string }
    const apt = () => on('apt-get -qq indextargets >/dev/null 2>&1; echo $?; apt-get -qq check 2>&1')
    beforeAll(async () => {
      before = { sources: await sources(), apt: await apt() }
      expect(before.apt).toBe('0')
    })
    const unchanged = async (): Promise<void> => {
      expect({ sources: await sources(), apt: await apt() }).toEqual(before)
      expect(await installed()).toBe('')
    }

    test('it is signed by another key than the one given: both are named', async () => {
      expect(refusal(await run({ key: 'stranger' }))).toBe(`${notAdded()}it is signed by key ${fingerprint('kubernetes').slice(-16)}, and not by key ${fingerprint('stranger')}`)
      await unchanged()
    })
    test('no key is given, and it is not the one of Kubernetes', async () => {
      expect(refusal(await run({ key: 'fetched' }))).toContain(`${repository.uri(34)} is signed by ${fingerprint('kubernetes')}, not by Kubernetes (DE15B14486CD377B9E876E1A234654DA9A296436): name its key with software.keyring if that is right`)
      await unchanged()
    })
    test('it is not signed', async () => {
      await repository.sign(34, 'nobody')
      expect(refusal(await run())).toBe(`${notAdded()}it is not signed, and should be by key ${fingerprint('kubernetes')}`)
      await repository.restore(34)
      await unchanged()
    })
    test('its list of packages is not the one that was signed', async () => {
      await repository.tamper(34, 'list')
      expect(refusal(await run())).toBe(`${notAdded()}what it serves is not what was signed: it was changed on the way, or a mirror is in the middle of an update`)
      await repository.restore(34)
      await unchanged()
    })
    test('it is not there', async () => {
      expect(refusal(await run({ version: 'v1.33.1', minor: 33 }))).toContain(`(${repository.uri(33)}) was not added: The repository '${repository.uri(33).replace(/\/$/, '')}  Release' does not have a Release file.`)
      await unchanged()
    })
    test('the host has it already under another name with another key: apt would refuse to work at all', async () => {
      await on(`cp /usr/share/keyrings/debian-archive-keyring.gpg /etc/apt/keyrings/docs.gpg; echo 'deb [signed-by=/etc/apt/keyrings/docs.gpg] ${repository.uri(34)} /' >/etc/apt/sources.list.d/docs.list`)
      const here = await sources()
      const said = refusal(await run())
      expect(said).toContain(`${notAdded()}apt could not read its sources with it: Conflicting values set for option Signed-By`)
      expect(said).toContain('(take the other entry away: /etc/apt/sources.list.d/docs.list)')
      expect(await sources()).toBe(here)
      await on('rm /etc/apt/keyrings/docs.gpg /etc/apt/sources.list.d/docs.list')
      await unchanged()
    })
  })

  test('check mode tells the repository, the versions and the holds, and writes nothing', async () => {
    await on('touch /run/before')
    const checked = await run({}, '--check', '--diff')
    expect(checked.code, checked.stdout + checked.stderr).toBe(2)
    expect(await on('find /etc /usr /opt /root /var -path /var/log -prune -o -newer /run/before -print')).toBe('')
    for (const line of [`+URIs: ${repository.uri(34)}`, '+Signed-By: /etc/apt/keyrings/kubernetes.asc', 'kubelet: absent → 1.34.10-1.1', 'kubeadm hold: false → true']) expect(checked.stdout).toContain(line)
  })

  test('a package that is not the one that was signed for is refused, and nothing of the transaction is installed', async () => {
    await repository.tamper(34, 'kubelet')
    expect(refusal(await run())).toMatch(/^package kubelet kubeadm kubectl exited 100: Failed to fetch http:.*\/amd64\/kubelet_1\.34\.10-1\.1_amd64\.deb {2}Hash Sum mismatch$/)
    expect(await installed()).toBe('')
    expect(await on('dpkg --audit; ls /usr/bin/kube* 2>/dev/null')).toBe('')
    await repository.restore(34)
  })

  test('exactly the wanted version is installed and held, from a source with a key of its own', async () => {
    const ran = await run()
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    expect(await installed()).toBe('cri-tools 1.34.0-1.1 install\nkubeadm 1.34.10-1.1 hold\nkubectl 1.34.10-1.1 hold\nkubelet 1.34.10-1.1 hold\nkubernetes-cni 1.7.1-1.1 install')
    expect(await on('kubeadm version -o short; kubelet --version; cat /etc/apt/sources.list.d/kubernetes.sources')).toBe(
      `v1.34.10\nKubernetes v1.34.10\nTypes: deb\nURIs: ${repository.uri(34)}\nSuites: /\nSigned-By: /etc/apt/keyrings/kubernetes.asc`,
    )
    expect(await on('cat /etc/apt/keyrings/kubernetes.asc')).toBe(repository.keys.kubernetes.trim())
    expect(await on('apt-key list 2>/dev/null | grep -c kubernetes; ls -A /etc/apt/keyrings')).toBe('0\nkubernetes.asc')
  })

  test('the second run changes nothing, and does not ask the repository', async () => {
    await repository.requests()
    const again = await run()
    expect([again.code, changed(again)], again.stdout).toEqual([0, 0])
    expect(await repository.requests()).toEqual([''])
  })

  test('the host’s own upgrades pass it by', async () => {
    expect(await on('apt-get -qq update && apt-get -sqq upgrade | grep -c "^Inst kube"; kubelet --version')).toBe('0\nKubernetes v1.34.10')
  })

  test('a version that the repository does not have is named with those that it has; what is there stays', async () => {
    expect(refusal(await run({ version: 'v1.34.99' }))).toBe(
      'package kubelet kubeadm kubectl exited 1: the package lists of this host do not know: kubelet=1.34.99-1.1 kubeadm=1.34.99-1.1 kubectl=1.34.99-1.1 (of kubelet they know 1.34.11-1.1 1.34.10-1.1 1.34.9-1.1)',
    )
    expect(await on('kubelet --version; apt-mark showhold')).toBe('Kubernetes v1.34.10\nkubeadm\nkubectl\nkubelet')
  })

  test('another patch, up and down: the packages move, the source does not', async () => {
    for (const version of ['v1.34.11', 'v1.34.9']) {
      const ran = await run({ version })
      expect([ran.code, changed(ran)], ran.stdout + ran.stderr).toEqual([0, 1])
      expect(await on('kubelet --version; apt-mark showhold')).toBe(`Kubernetes ${version}\nkubeadm\nkubectl\nkubelet`)
    }
  })

  test('a key that does not fit any more is refused although the old one is there, which stays', async () => {
    const before = await sources()
    expect(refusal(await run({ version: 'v1.34.9', key: 'stranger' }))).toContain(`and not by key ${fingerprint('stranger')}`)
    expect(await sources()).toBe(before)
    expect(await on('apt-get -qq update 2>&1')).toBe('')
  })

  test('a repository whose signer changed gets the new key, and then its packages', async () => {
    await repository.sign(34, 'stranger')
    const ran = await run({ version: 'v1.34.10', key: 'stranger' })
    expect([ran.code, changed(ran)], ran.stdout + ran.stderr).toEqual([0, 2])
    await repository.restore(34)
    expect((await run({ version: 'v1.34.10' })).code).toBe(0)
  })

  test('another minor: first the source, then the packages', async () => {
    await repository.publish(35, [2])
    const ran = await run({ version: 'v1.35.2', minor: 35 }, '--diff')
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    const tasks = ran.events.flatMap(event => (event.type === 'task-finished' && event.outcome.type === 'changed' ? [event.task.title] : []))
    expect(tasks).toEqual(['apt-repository kubernetes', 'package kubelet kubeadm kubectl'])
    expect(ran.stdout).toContain(`-URIs: ${repository.uri(34)}\n    +URIs: ${repository.uri(35)}`)
    expect(await on('kubeadm version -o short; apt-mark showhold; apt-get -qq update 2>&1')).toBe('v1.35.2\nkubeadm\nkubectl\nkubelet')
    expect(changed(await run({ version: 'v1.35.2', minor: 35 }))).toBe(0)
  })
})
