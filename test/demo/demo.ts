import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { labRefusal } from '../lab/refusal.ts'
import { hostsOf } from '../lab/topology.ts'
import { clusterOf, type Cluster } from '../ha/cluster.ts'
import { Writer } from '../ha/writer.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const THE_LAB = { name: 'ha', subnet: '10.203.7.0/24', keep: true } as const

/** The main job in front of one's eyes: seven bare hosts become a highly available cluster, which then loses its first control plane. */
async function demo(): Promise<void> {
  const refusal = labRefusal()
  if (refusal !== undefined) throw new Error(`this machine cannot host the lab: ${refusal}`)
  const say = (line: string): void => void process.stdout.write(`  ${line}\n`)
  heading('Kubernetes binaries and images (built once, then cached)')
  await buildBinaries(say)
  await writeBundle(say)
  heading('Seven bare Debian hosts')
  const lab = await openLab({ ...THE_LAB, say })
  const started = performance.now()
  await lab.up(...hostsOf(['ha']))
  say(`up after ${seconds(started)}`)

  heading('What the playbook would do: --check')
  await play(['--check'], [0, 2, 3])
  heading('The playbook')
  await play([], [0])
  // Where `inventory/lab.yaml` puts it.
  const kube = clusterOf(lab, join(lab.folder, 'kubeconfig'))
  await nodes(kube)
  heading('The playbook again: nothing to do')
  await play([], [0])

  heading('Power cut of cp1 while a writer writes ten times a second through the endpoint')
  await outage(lab, kube)
  heading('The lab stays up: `npm run lab -- ssh cp2`, and `npm run demo -- --down` removes it')
}

async function outage(lab: Lab, kube: Cluster): Promise<void> {
  const writer = await Writer.start(kube)
  await writer.writes(20)
  await lab.kill('cp1')
  await writer.writes(50)
  heading('A worker play while cp1 is dead: the others serve it')
  await play(['--tags', 'worker-join'], [0])
  heading('cp1 comes back')
  await lab.start('cp1')
  await kube.until('five nodes Ready', async () => (await kube.readyNodes()) === 5)
  await kube.until('three healthy etcd members', async () => (await kube.etcdMembers('cp2', 'cp3')) === 3)
  const { acknowledged, lost, longestGap } = await writer.stop()
  process.stdout.write(`  ${acknowledged} writes acknowledged, ${lost} of them lost, longest time without one ${(longestGap / 1000).toFixed(1)} s\n`)
  if (lost > 0) throw new Error('acknowledged writes were lost')
  await nodes(kube)
}

async function nodes(kube: Cluster): Promise<void> {
  process.stdout.write(`${await kube.kubectl('get', 'nodes', '-o', 'wide')}\n`)
}

/** Runs ts-play as a user would, on this terminal. */
async function play(options: readonly string[], expected: readonly number[]): Promise<void> {
  const words = ['playbooks/ha.ts', '-i', 'inventory/lab.yaml', ...options]
  process.stdout.write(`  $ npx ts-play ${words.join(' ')}\n`)
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, ['engine/cli/ts-play.mjs', ...words], { cwd: root, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', status => resolve(status ?? 1))
  })
  if (!expected.includes(code)) throw new Error(`ts-play exited ${code}`)
}

function heading(text: string): void {
  process.stdout.write(`\n=== ${text}\n`)
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

async function down(): Promise<void> {
  const lab = await openLab({ ...THE_LAB })
  await lab.down()
}

try {
  if (!existsSync(`${root}/playbooks/ha.ts`)) throw new Error('run the demo in a checkout')
  await (process.argv.includes('--down') ? down() : demo())
} catch (error) {
  process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
