import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Task } from '../../engine/model/task.ts'
import { aptRepository } from '../../engine/resources/apt-repository.ts'
import { containerImage } from '../../engine/resources/container-image.ts'
import { pkg } from '../../engine/resources/package.ts'
import { service } from '../../engine/resources/service.ts'
import { converge, differences, failure, labHost, seen, writtenBy, type LabHost } from '../resources/support/lab-host.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'

/** A flat repository with two versions of a package, signed by a key of its own; another key, and the same repository unsigned. */
const REPOSITORY = `set -eu
export GNUPGHOME=/root/gpg
mkdir -m 700 /root/gpg
for who in good bad; do gpg --batch --quiet --passphrase '' --quick-gen-key $who@lab rsa2048 sign never 2>/dev/null; gpg --armor --export $who@lab >/root/$who.asc; done
mkdir -p /srv/repo /root/deb/DEBIAN
for version in 1.0-1 1.1-1; do
  printf 'Package: tsp-hello\\nVersion: %s\\nArchitecture: all\\nMaintainer: lab <lab@lab>\\nDescription: hello\\n' $version >/root/deb/DEBIAN/control
  dpkg-deb --root-owner-group -b /root/deb /srv/repo/tsp-hello_$version.deb >/dev/null
done
cd /srv/repo
for deb in *.deb; do dpkg-deb -f $deb; printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $deb $(stat -c %s $deb) $(sha256sum <$deb | cut -d' ' -f1); done >Packages
printf 'Date: %s\\nSHA256:\\n %s %s Packages\\n' "$(date -Ru)" $(sha256sum <Packages | cut -d' ' -f1) $(stat -c %s Packages) >Release
cp -r /srv/repo /srv/unsigned
gpg --batch -u good@lab --clearsign -o InRelease Release
chmod -R a+rX /srv
apt-get -qq update
`

/** Seconds after dpkg began at which an installation is killed; more of them by `npm run test:kill`. */
const MOMENTS = process.env['TS_PLAY_KILL_POINTS'] === undefined ? [0, 0.1, 0.2, 0.4, 0.8] : [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2]

describe.skipIf(requireLab())('packages on a real host', () => {
  let lab: Lab
  let host: LabHost
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ts-play-apt-'))
    lab = await openLab()
    await lab.up('h1', 'h2')
    host = labHost(lab, 'h1')
    await host.sh(REPOSITORY)
    for (const key of ['good', 'bad']) await writeFile(join(folder, `${key}.asc`), await host.sh(`cat /root/${key}.asc`))
  })
  afterAll(async () => {
    await host?.close()
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
  })

  const hello = (more: Partial<Parameters<typeof pkg>[0]> = {}): Task => pkg({ name: 'tsp-hello', ...more })
  const repository = (key: string, uri = 'file:/srv/repo'): Task => aptRepository({ name: 'lab', uri, suite: '/', key: { file: join(folder, key) } })
  const files = (): Promise<string> => host.sh('cd /etc/apt; find . -type f -exec sha256sum {} + | sort')

  test('a repository that is not signed by its key is refused, and nothing of it is left', async () => {
    const before = await files()
    expect(await failure(host, repository('bad.asc'))).toContain('NO_PUBKEY')
    expect(await failure(host, repository('good.asc', 'file:/srv/unsigned'))).toMatch(/is not signed|does not have a Release file/)
    expect(await failure(host, repository('good.asc', 'file:/srv/nothing'))).toContain('was not added')
    expect(await files()).toBe(before)
  })

  test('a repository that is signed by its key is there, and stays when a change fails', async () => {
    const good = repository('good.asc')
    expect(await writtenBy(host, () => differences(host, good))).toEqual([])
    expect(await converge(host, good)).toEqual(['key', 'key mode', 'sources', 'sources mode'])
    expect(await writtenBy(host, () => converge(host, good))).toEqual([])
    for (const [drift, shown] of [
      ['chmod 600 /etc/apt/keyrings/lab.asc', ['key mode']],
      ['echo >>/etc/apt/keyrings/lab.asc', ['key']],
      ['echo "Trusted: yes" >>/etc/apt/sources.list.d/lab.sources', ['sources']],
    ] as const) {
      await host.sh(drift)
      expect(await converge(host, good), drift).toEqual(shown)
    }
    const before = await files()
    expect(await failure(host, repository('bad.asc'))).toContain('NO_PUBKEY')
    expect(await files()).toBe(before)
  })

  test('versions: exact, up, down, held, from a file', async () => {
    expect(await converge(host, hello({ version: '1.0-1' }))).toEqual(['tsp-hello'])
    expect(await writtenBy(host, () => converge(host, hello({ version: '1.0-1' })))).toEqual([])
    expect(await converge(host, hello({ version: '1.1-1', hold: true }))).toEqual(['tsp-hello', 'tsp-hello hold'])
    expect(await failure(host, hello({ version: '1.0-1' }))).toContain('Held packages were changed')
    expect(await converge(host, hello({ version: '1.0-1', hold: true }))).toEqual(['tsp-hello'])
    await host.sh('apt-mark unhold tsp-hello')
    expect(await converge(host, hello({ version: '1.0-1', hold: true }))).toEqual(['tsp-hello hold'])
    expect(await converge(host, hello({ files: ['/srv/repo/tsp-hello_1.1-1.deb'], hold: false }))).toEqual(['tsp-hello', 'tsp-hello hold'])
    await host.sh('dpkg -i /srv/repo/tsp-hello_1.0-1.deb')
    expect(await converge(host, hello({ version: '1.1-1' }))).toEqual(['tsp-hello'])
    expect(await converge(host, hello({ state: 'absent' }))).toEqual(['tsp-hello'])
  })

  test('what the mirror does not have, in name or version, is refused after the lists were fetched', async () => {
    expect(await failure(host, hello({ version: '9' }))).toContain('do not know: tsp-hello=9')
    expect(await failure(host, pkg({ name: 'no-such-package' }))).toContain('do not know: no-such-package')
    expect(await failure(host, pkg({ name: 'awk' }))).toContain('virtual packages: name one that provides them')
    await host.sh('rm -rf /var/lib/apt/lists/*')
    expect(await failure(host, pkg({ name: 'tree', update: 'never' }))).toContain('do not know: tree')
    expect(await converge(host, pkg({ name: 'tree' }))).toEqual(['tree'])
  })

  test('lists that are older than the mirror are fetched again', async () => {
    await host.sh('cd /srv/repo; mv tsp-hello_1.1-1.deb tsp-hello_new.deb; sed -i s/hello_1.1-1.deb/hello_new.deb/ Packages; printf "Date: %s\\nSHA256:\\n %s %s Packages\\n" "$(date -Ru)" $(sha256sum <Packages | cut -d" " -f1) $(stat -c %s Packages) >Release; GNUPGHOME=/root/gpg gpg --batch --yes -u good@lab --clearsign -o InRelease Release')
    expect(await converge(host, hello({ version: '1.1-1' }))).toEqual(['tsp-hello'])
  })

  test('a removal that would take others along is refused', async () => {
    await converge(host, pkg({ name: 'haproxy', start: false }))
    expect(await failure(host, pkg({ name: 'liblua5.3-0', state: 'absent' }))).toContain('would also remove: haproxy')
    expect(await differences(host, pkg({ name: 'haproxy' }))).toEqual([])
  })

  test('services start only when they may', async () => {
    expect(await host.sh('systemctl is-active haproxy || :; ls /usr/sbin/policy-rc.d* 2>/dev/null || :')).toBe('inactive\n')
    expect(await converge(host, service({ name: 'haproxy', state: 'running' }))).toEqual(['state'])
    await host.sh('echo nonsense >>/etc/haproxy/haproxy.cfg')
    expect(await failure(host, service({ name: 'haproxy', state: 'reloaded' }))).toMatch(/haproxy\.service did not reload[^]*Reload failed/)
    await host.sh('sed -i /nonsense/d /etc/haproxy/haproxy.cfg')
    await host.sh('printf "#!/bin/sh\\nexit 0\\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d')
    expect(await converge(host, pkg({ name: 'keepalived', start: false }))).toEqual(['keepalived'])
    expect(await host.sh('systemctl is-active keepalived || :; cat /usr/sbin/policy-rc.d; rm /usr/sbin/policy-rc.d')).toBe('inactive\n#!/bin/sh\nexit 0\n')
  })

  test('what an interrupted dpkg left is a change of its own, and mended', async () => {
    await host.sh('dpkg --unpack /var/cache/apt/archives/tree_*.deb || (cd /root && apt-get -qq download tree && dpkg --unpack tree_*.deb)')
    expect(await converge(host, pkg({ name: 'keepalived' }))).toEqual(['dpkg'])
    expect(await differences(host, pkg({ name: 'tree' }))).toEqual([])
  })

  test('what is half done is an accident only where no package manager is at work', async () => {
    const task = pkg({ name: 'sudo' })
    const changes = async (): Promise<readonly string[]> => (await seen(host, task)).changes.map(({ attribute }) => attribute)
    await host.sh('cd /tmp && apt-get -qq download socat && dpkg --unpack socat_*.deb')
    expect(await changes()).toEqual(['dpkg'])
    // It would configure that package, and waits right before.
    await host.sh("apt-get -qqy -o 'DPkg::Pre-Invoke::=touch /run/at-work; exec sleep 61' -f install >/dev/null 2>&1 & while [ ! -e /run/at-work ]; do sleep 0.1; done")
    expect(await changes()).toEqual([])
    await host.sh("pkill -f '^sleep 61'; while pgrep -x apt-get; do sleep 0.1; done")
    expect(await converge(host, task)).toEqual(['dpkg'])
    expect(await host.sh('dpkg --audit; dpkg-query -W -f "\\${db:Status-Abbrev}" socat; apt-get -qqy purge --autoremove socat >/dev/null')).toBe('ii ')
  })

  test('killed at any moment, a second run converges', { timeout: 600_000 }, async () => {
    const task = pkg({ name: ['nginx-light', 'socat'], hold: true })
    const found: string[] = []
    for (const moment of [{ seconds: 0.3 }, ...MOMENTS.map(seconds => ({ seconds, after: 'dpkg' }))]) {
      await host.applyAndKill(task, (await seen(host, task)).apply(), moment)
      found.push(...await converge(host, task))
      expect(await host.sh('dpkg --audit; dpkg-query -W -f "\\${db:Status-Abbrev}\\n" nginx-light socat')).toBe('hi \nhi \n')
      await host.sh('apt-mark unhold nginx-light socat; DEBIAN_FRONTEND=noninteractive apt-get -qqy purge --autoremove nginx-light nginx nginx-common socat')
    }
    // At least one of them met dpkg at work, or this has shown nothing.
    expect(found).toContain('dpkg')
  })

  test('a power cut in the middle: the next run converges', { timeout: 600_000 }, async () => {
    const other = labHost(lab, 'h2')
    const task = pkg({ name: ['nginx-light', 'keepalived', 'socat'] })
    for (const milliseconds of [2500, 4000]) {
      const look = await seen(other, task)
      if (look.changes.length === 0) break
      const cut = other.apply(task, look.apply())
      await new Promise(resolve => setTimeout(resolve, milliseconds))
      await lab.kill('h2')
      await other.close()
      await cut
      await lab.start('h2')
    }
    await converge(other, task)
    expect(await other.sh('dpkg --audit')).toBe('')
    await other.close()
  })

  test('an image of an archive, into containerd', { timeout: 600_000 }, async () => {
    await converge(host, pkg({ name: 'containerd' }))
    // The least that docker's archive format allows: one layer without a file.
    await host.sh(`mkdir /root/image; cd /root/image; head -c 1024 /dev/zero >layer.tar
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $(sha256sum <layer.tar | cut -d' ' -f1) >config.json
printf '[{"Config":"config.json","RepoTags":["docker.io/lab/tiny:1"],"Layers":["layer.tar"]}]' >manifest.json
tar cf /root/tiny.tar *`)
    const archive = join(folder, 'tiny.tar')
    await writeFile(archive, await host.sh('cat /root/tiny.tar'))
    const tiny = containerImage({ reference: 'docker.io/lab/tiny:1', archive: { file: archive } })
    expect(await converge(host, tiny)).toEqual(['docker.io/lab/tiny:1'])
    expect(await converge(host, tiny)).toEqual([])
    await host.sh('ctr -n k8s.io images rm docker.io/lab/tiny:1')
    expect(await converge(host, containerImage({ reference: 'docker.io/lab/tiny:1', archive: { remote: '/root/tiny.tar' } }))).toEqual(['docker.io/lab/tiny:1'])
    expect(await failure(host, containerImage({ reference: 'docker.io/lab/other:1', archive: { remote: '/root/tiny.tar' } }))).toContain('docker.io/lab/other:1 is not in the archive')
    await host.sh('systemctl stop containerd')
    expect(await failure(host, tiny)).toContain('containerd.sock')
  })
})
