import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { containerImage } from '../../engine/resources/container-image.ts'
import { expectToParse } from './support/golden.ts'
import { obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

/** Answers like ctr 1.6; its images are lines of a file. An archive is the list of the references that it holds. */
const CTR = `#!/bin/sh
[ "$1" = -n ] && [ "$2" = k8s.io ] && [ "$3" = images ] || exit 2
store=$0.images
shift 3
case $1 in
  ls) shift 2; for filter; do name=\${filter#'name=="'}; name=\${name%'"'}; grep -xF -e "$name" "$store"; done; exit 0 ;;
  pull) for last; do :; done; case $last in *nope*) echo "ctr: $last: not found" >&2; exit 1 ;; esac; echo "$last" >>"$store" ;;
  import) if [ "$2" = - ]; then cat; else cat "$2"; fi | tee -a "$store" | sed 's/^/unpacking /' ;;
esac
`
const pause = 'registry.k8s.io/pause:3.10'
const etcd = 'registry.k8s.io/etcd:3.6.4-0'

function containerd(images: readonly string[]): Pick<Case, 'arrange' | 'world'> {
  return {
    arrange(folder) {
      mkdirSync(join(folder, 'bin'))
      writeFileSync(join(folder, 'bin/ctr'), CTR)
      chmodSync(join(folder, 'bin/ctr'), 0o755)
      writeFileSync(join(folder, 'bin/ctr.images'), images.map(image => `${image}\n`).join(''))
      writeFileSync(join(folder, 'images.tar'), `${pause}\n${etcd}\n`)
    },
    world: folder => ({ tools: [join(folder, 'bin')] }),
  }
}

obeysTheLaws('container-image', [
  { given: 'an image that is there', ...containerd([pause]), task: () => containerImage({ reference: pause }), differs: [] },
  { given: 'an image that is missing', ...containerd([etcd]), task: () => containerImage({ reference: pause }), differs: [pause] },
  { given: 'images in an archive of the controller', ...containerd([etcd]), task: folder => containerImage({ reference: [pause, etcd], archive: { file: join(folder, 'images.tar') } }), differs: [pause] },
  { given: 'images in an archive of the target', ...containerd([]), task: folder => containerImage({ reference: [pause, etcd], archive: { remote: join(folder, 'images.tar') } }), differs: [pause, etcd] },
])

test('an archive without the reference fails and tells what it holds', async () => {
  const folder = scratch()
  await containerd([]).arrange?.(folder)
  const host = localHost({ shell: anyShell, scratch: folder, tools: [join(folder, 'bin')] })
  const task = containerImage({ reference: 'registry.k8s.io/coredns/coredns:v1.12.1', archive: { file: join(folder, 'images.tar') } })
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(look.result.stderr)
  const result = await host.apply(task, look.apply())
  expect(result.status).toBe(1)
  expect(result.stderr).toContain('registry.k8s.io/coredns/coredns:v1.12.1 is not in the archive, which holds:\nunpacking registry.k8s.io/pause:3.10')
})

test('without containerd the probe fails', async () => {
  const host = localHost({ shell: anyShell, scratch: scratch(), tools: [], environment: { PATH: '/nowhere' } })
  expect(await host.look(containerImage({ reference: pause }))).toMatchObject({ type: 'failed' })
})

test('another namespace and socket', () => {
  const task = containerImage({ reference: pause, namespace: 'default', address: '/run/x/containerd.sock' })
  expect(task.probe.command.text).toContain('ctr -a /run/x/containerd.sock -n default images ls -q')
  expectToParse(task)
})

test('short references are refused', () => {
  for (const reference of ['busybox', 'library/busybox:1', 'registry.k8s.io/pause', '', '-q', 'registry.k8s.io/pause:3.10 x', 'registry.k8s.io/pause:$(x)', 'registry.k8s.io/Pause:1']) {
    expect(() => containerImage({ reference }), reference).toThrow('no full image reference')
  }
  for (const reference of [pause, 'localhost/x:1', 'registry:5000/a/b:v1', `quay.io/cilium/cilium@sha256:${'a'.repeat(64)}`, `quay.io/cilium/cilium:v1@sha256:${'a'.repeat(64)}`]) {
    expect(containerImage({ reference }).id).toBe(reference)
  }
})
