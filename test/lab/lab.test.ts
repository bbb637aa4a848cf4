import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostRuns } from './host.ts'
import type { Lab } from './lab.ts'
import { openLab, sweepLabs } from './lab.ts'
import { newLab } from './new-lab.ts'
import { requireLab } from './require-lab.ts'
import { allStates, readState, writeState } from './state.ts'
import { machineSysctls } from './sysctls.ts'
import { leftovers, takeDown } from './teardown.ts'

describe.skipIf(requireLab())('lab', () => {
  let lab: Lab
  let before: { readonly sysctls: Readonly<Record<string, string>>; readonly swaps: string; readonly alone: boolean }

  beforeAll(async () => {
    before = { sysctls: machineSysctls(), swaps: await readFile('/proc/swaps', 'utf8'), alone: (await allStates()).length === 0 }
    lab = await openLab()
    await lab.up('h1', 'h2')
  })
  afterAll(() => lab?.down())

  it('boots bare hosts with their own systemd, name and address', async () => {
    const outcome = await lab.exec('h1', 'systemctl is-system-running --wait; hostname; cat /etc/hosts; sysctl -n net.ipv4.ip_forward; command -v containerd haproxy kubelet python3')
    expect(outcome.stdout).toBe(`running\nh1\n127.0.0.1 localhost\n${lab.address('h1')} h1\n0\n`)
  })

  it('lets root in by key, and ops with a sudo password', async () => {
    expect(await lab.exec('h1', 'id -un')).toMatchObject({ code: 0, stdout: 'root\n' })
    expect(await lab.exec('h1', 'sudo -n true', { user: 'ops' })).toMatchObject({ code: 1 })
    expect(await lab.exec('h1', "sudo -S -p '' id -un", { user: 'ops', input: 'wrong\n' })).toMatchObject({ code: 1, stdout: '' })
    expect(await lab.exec('h1', "sudo -S -p '' id -un", { user: 'ops', input: `${lab.password}\n` })).toMatchObject({ code: 0, stdout: 'root\n' })
  })

  it('gives every host keys of its own', async () => {
    const keys = (await readFile(lab.knownHosts, 'utf8')).trimEnd().split('\n').map(line => line.split(' ')[2])
    expect(new Set(keys).size).toBe(2)
    const ids = await Promise.all(['h1', 'h2'].map(host => lab.exec(host, 'cat /etc/machine-id')))
    expect(new Set(ids.map(id => id.stdout)).size).toBe(2)
  })

  it('installs a package from the mirror, and reaches nothing else', async () => {
    const installed = await lab.exec('h1', 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install socat && socat -V | head -1')
    expect(installed, installed.stderr).toMatchObject({ code: 0 })
    // An address that nobody has: refused by the bridge at once, not lost on the way.
    const refused = await lab.exec('h1', 'curl --silent --show-error --max-time 5 http://198.51.100.1/')
    expect(refused).toMatchObject({ code: 7 })
  })

  it('cuts the power and switches on again, with the disk as it was', async () => {
    await lab.exec('h2', 'echo kept > /root/kept; sync')
    await lab.kill('h2')
    expect(await lab.status()).toContainEqual({ host: 'h2', address: lab.address('h2'), state: 'off' })
    expect(await lab.exec('h2', 'true')).toMatchObject({ code: 255 })
    await lab.start('h2')
    expect(await lab.exec('h2', 'cat /root/kept')).toMatchObject({ stdout: 'kept\n' })
  })

  it('reboots', async () => {
    const boot = (): Promise<string> => lab.exec('h2', 'cat /proc/sys/kernel/random/boot_id').then(outcome => outcome.stdout)
    const first = await boot()
    await lab.reboot('h2')
    expect(await boot()).not.toBe(first)
  })

  it('pulls the network cable, and puts it back', async () => {
    await lab.cut('h2')
    expect(await lab.exec('h1', `ping -c 1 -W 1 ${lab.address('h2')}`)).toMatchObject({ code: 1 })
    expect(await lab.console('h2', 'hostname')).toMatchObject({ code: 0, stdout: 'h2\n' })
    await lab.heal('h2')
    expect(await lab.exec('h1', `ping -c 1 -W 3 ${lab.address('h2')}`)).toMatchObject({ code: 0 })
  })

  it('drops what comes from one host, and from no other', async () => {
    await lab.deafen('h2', 'h1')
    expect(await lab.exec('h1', `ping -c 1 -W 1 ${lab.address('h2')}`)).toMatchObject({ code: 1 })
    expect(await lab.exec('h2', 'true')).toMatchObject({ code: 0 })
    await lab.listen('h2', 'h1')
    expect(await lab.exec('h1', `ping -c 1 -W 3 ${lab.address('h2')}`)).toMatchObject({ code: 0 })
  })

  it('freezes a host and lets it go on', async () => {
    await lab.freeze('h2')
    expect((await lab.exec('h2', 'true', { timeout: 1_500 })).code).not.toBe(0)
    await lab.thaw('h2')
    expect(await lab.exec('h2', 'true')).toMatchObject({ code: 0 })
  })

  it('keeps swap, clock, modules and disks of the machine out of reach', async () => {
    const attempts = ['swapoff /etc/hostname', 'date -s 2020-01-01', 'rmmod ext4', 'mknod /root/disk b "$(stat -c %Hd /etc)" 0; mknod /root/memory c 1 1; cat /root/memory']
    for (const attempt of attempts) expect((await lab.exec('h1', attempt)).code, attempt).not.toBe(0)
    // EPERM, which swapoff words so for root too: the call was refused, not the file.
    expect((await lab.exec('h1', 'swapoff /etc/hostname')).stderr).toContain('superuser')
    expect(new Date().getFullYear()).toBeGreaterThan(2020)
  })

  it('sweeps the lab of a process that was killed, and until then its hosts run on', async () => {
    const script = `const { openLab } = await import(${JSON.stringify(new URL('lab.ts', import.meta.url).href)})
      const lab = await openLab(); await lab.up('h1'); console.log(lab.name); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output] = await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const left = await readState(String(output).trim())
    expect(left && hostRuns(left, 'h1')).toBe(true)
    await sweepLabs()
    expect(left && (await leftovers(left))).toEqual([])
  })

  it('is read whole by others while its state is being written', async () => {
    const state = await readState(lab.name)
    if (state === undefined) throw new Error('the lab has no state')
    const writing = Array.from({ length: 300 }, () => writeState(state))
    const read = await Promise.all(Array.from({ length: 300 }, () => readState(lab.name)))
    await Promise.all(writing)
    expect(new Set(read.map(one => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(state)]))
  })

  it('has a subnet of its own, however many are opened at once', async () => {
    const others = await Promise.all(Array.from({ length: 30 }, () => newLab({})))
    try {
      expect(new Set([...others, { subnet: lab.subnet }].map(({ subnet }) => subnet)).size).toBe(31)
    } finally {
      for (const other of others) await takeDown(other)
    }
  })

  it('leaves nothing behind when it is taken down while its hosts are being made', async () => {
    const other = await openLab()
    const state = await readState(other.name)
    const up = other.up('h1', 'h2', 'h3').catch(String)
    await expect.poll(() => state && hostRuns(state, 'h1'), { timeout: 60_000 }).toBe(true)
    await other.down()
    expect(await up).toContain('is being taken down')
    expect(state && (await leftovers(state))).toEqual([])
  })

  it('leaves nothing behind', async () => {
    const state = await readState(lab.name)
    if (before.alone) await lab.exec('h1', 'sysctl -q -w vm.swappiness=13 kernel.panic=17') // what a kubelet does, too
    await lab.down()
    expect(state && (await leftovers(state))).toEqual([])
    expect(await readState(lab.name)).toBeUndefined()
    expect(await readFile('/proc/swaps', 'utf8')).toBe(before.swaps)
    // Sysctls go back when the last lab is gone; another one beside this test keeps them as they are.
    if (before.alone && (await allStates()).length === 0) expect(machineSysctls()).toEqual(before.sysctls)
    else process.stderr.write('another lab is up: sysctls were not compared\n')
  })
})
