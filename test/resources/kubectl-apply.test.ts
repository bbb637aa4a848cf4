import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Task } from '../../engine/model/task.ts'
import { Secret } from '../../engine/model/secret.ts'
import { kubectlApply } from '../../engine/resources/kubectl-apply.ts'
import { plan } from './support/golden.ts'
import { obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

/** Answers like kubectl 1.34 about one object, whose manifest lies in a file. `$0.answer` makes it answer otherwise. */
const KUBECTL = `#!/bin/sh
live=$0.live
given=$(mktemp "$TMPDIR/given.XXXXXX")
cat >"$given"
case " $* " in *' --server-side --field-manager=ts-play -f - '*) ;; *) exit 2 ;; esac
if [ -e "$0.answer" ]; then read -r status <"$0.answer"; sed 1d "$0.answer" >&2; [ ! -e "$0.once" ] || rm "$0.answer"; exit "$status"; fi
case " $* " in
  *' diff '*)
    mkdir "$TMPDIR/LIVE-1" "$TMPDIR/MERGED-2"
    if [ -e "$live" ]; then cp "$live" "$TMPDIR/LIVE-1/v1.ConfigMap.kube-system.x"; fi
    cp "$given" "$TMPDIR/MERGED-2/v1.ConfigMap.kube-system.x"
    diff -u -N "$TMPDIR/LIVE-1" "$TMPDIR/MERGED-2" ;;
  *' apply '*) cp "$given" "$live"; echo 'configmap/x serverside-applied' ;;
esac
`
const manifest = `kind: ConfigMap\nmetadata: { name: x }\ndata:\n  a: "it's $(touch pwned)"\n`

function cluster(live?: string): Pick<Case, 'arrange' | 'world'> {
  return {
    arrange(folder) {
      mkdirSync(join(folder, 'bin'))
      writeFileSync(join(folder, 'bin/kubectl'), KUBECTL)
      chmodSync(join(folder, 'bin/kubectl'), 0o755)
      writeFileSync(join(folder, 'admin.conf'), '')
      if (live !== undefined) writeFileSync(join(folder, 'bin/kubectl.live'), live)
    },
    world: folder => ({ tools: [join(folder, 'bin')] }),
  }
}
const task = (folder: string, given: string | Secret<string> = manifest): Task => kubectlApply({ name: 'x', manifest: given, kubeconfig: join(folder, 'admin.conf') })

obeysTheLaws('kubectl-apply', ([
  { given: 'nothing of it in the cluster', ...cluster(), task: folder => task(folder), differs: ['v1.ConfigMap.kube-system.x'] },
  { given: 'an object that differs', ...cluster(manifest.replace('a:', 'b:')), task: folder => task(folder), differs: ['v1.ConfigMap.kube-system.x'] },
  { given: 'the same in the cluster', ...cluster(manifest), task: folder => task(folder), differs: [] },
  { given: 'a secret manifest', ...cluster(), task: folder => task(folder, new Secret(manifest)), differs: ['v1.ConfigMap.kube-system.x'] },
] satisfies readonly Case[]).map(given => ({ ...given, skip: existsSync('/usr/bin/diff') ? undefined : 'the stand-in for kubectl needs diff' })))

describe('kubectl-apply', () => {
  async function host(answer: string, once = false) {
    const folder = scratch()
    await cluster().arrange?.(folder)
    writeFileSync(join(folder, 'bin/kubectl.answer'), answer)
    if (once) writeFileSync(join(folder, 'bin/kubectl.once'), '')
    return { folder, shell: localHost({ shell: anyShell, scratch: folder, tools: [join(folder, 'bin')] }) }
  }

  test.each([
    ['the API does not answer', '2\nThe connection to the server 10.0.0.1:6443 was refused'],
    ['a field belongs to somebody else', '2\nerror: Apply failed with 1 conflict: conflict with "kube-controller-manager": .spec.replicas'],
  ])('when %s, the probe fails with what kubectl said', async (_, answer) => {
    const { folder, shell } = await host(answer)
    expect(await shell.look(task(folder))).toMatchObject({ type: 'failed', result: { status: 2, stderr: answer.slice(2) } })
  })

  test.each([
    ['a namespace', 'Error from server (NotFound): namespaces "kube-flannel" not found'],
    ['a kind', 'error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Foo" in version "foo.io/v1"\nensure CRDs are installed first'],
  ])('when the manifest brings %s of its own, that is one change', async (_, said) => {
    const { folder, shell } = await host(`2\n${said}\n`, true)
    const look = await shell.look(task(folder))
    expect(look).toMatchObject({ type: 'seen', changes: [{ attribute: 'objects', from: { value: said } }] })
    if (look.type === 'failed') return
    // The first try of the apply meets it too: the API takes a moment to serve what it has just been given.
    writeFileSync(join(folder, 'bin/kubectl.answer'), `1\n${said}\n`)
    expect(await shell.apply(task(folder), look.apply())).toMatchObject({ status: 0 })
    expect(readFileSync(join(folder, 'bin/kubectl.live'), 'utf8').trim()).toBe(manifest.trim())
    expect(await shell.look(task(folder))).toMatchObject({ type: 'seen', changes: [] })
  })

  test('any other refusal of the apply fails at once', async () => {
    const { folder, shell } = await host('1\nError from server (Invalid): nope\n')
    const look = task(folder).assess({ status: 0, stdout: 'differs\n', stderr: '' }, () => { throw new Error('no file') })
    expect(await shell.apply(task(folder), look.apply())).toMatchObject({ status: 1, stderr: 'Error from server (Invalid): nope\n' })
  })

  test('without kubectl or a kubeconfig the probe fails', async () => {
    const folder = scratch()
    const none = localHost({ shell: anyShell, scratch: folder, environment: { PATH: '/nowhere' } })
    expect(await none.look(task(folder))).toMatchObject({ type: 'failed', result: { stderr: 'no kubectl on this host\n' } })
    await cluster().arrange?.(folder)
    const shell = localHost({ shell: anyShell, scratch: folder, tools: [join(folder, 'bin')] })
    expect(await shell.look(kubectlApply({ name: 'x', manifest, kubeconfig: '/no/such' }))).toMatchObject({ type: 'failed', result: { stderr: '/no/such is not there, or not readable for this user\n' } })
  })

  test('differences are shown by object, those of a secret not at all', () => {
    // As kubectl diff prints it with GNU diff.
    const diff = `differs
diff -u -N /run/ts-play-kubectl.Ab1/LIVE-3421/apps.v1.Deployment.kube-system.coredns /run/ts-play-kubectl.Ab1/MERGED-118/apps.v1.Deployment.kube-system.coredns
--- /run/ts-play-kubectl.Ab1/LIVE-3421/apps.v1.Deployment.kube-system.coredns\t2026-11-22 10:00:00.0 +0000
+++ /run/ts-play-kubectl.Ab1/MERGED-118/apps.v1.Deployment.kube-system.coredns\t2026-11-22 10:00:00.0 +0000
@@ -6,3 +6,3 @@
 spec:
-  replicas: 2
+  replicas: 3
   strategy: {}
diff -u -N /run/ts-play-kubectl.Ab1/LIVE-3421/v1.Namespace..x /run/ts-play-kubectl.Ab1/MERGED-118/v1.Namespace..x
--- /run/ts-play-kubectl.Ab1/LIVE-3421/v1.Namespace..x\t2026-11-22 10:00:00.0 +0000
+++ /run/ts-play-kubectl.Ab1/MERGED-118/v1.Namespace..x\t2026-11-22 10:00:00.0 +0000
@@ -0,0 +1,2 @@
+apiVersion: v1
+kind: Namespace
`
    expect(plan(task('/'), diff)).toEqual([
      String.raw`apps.v1.Deployment.kube-system.coredns: "spec:\n  replicas: 2\n  strategy: {}\n" → "spec:\n  replicas: 3\n  strategy: {}\n"`,
      String.raw`v1.Namespace..x: absent → "apiVersion: v1\nkind: Namespace\n"`,
    ])
    expect(plan(task('/', new Secret('x')), diff)).toEqual(['apps.v1.Deployment.kube-system.coredns: *** → ***', 'v1.Namespace..x: absent → ***'])
    expect(plan(task('/'), 'same\n')).toEqual([])
    expect(plan(task('/'), 'differs\nin a way of its own\n')).toEqual(['objects: in a way of its own → applied'])
    expect(() => plan(task('/'), 'nonsense\n')).toThrow('expected same, differs or missing')
  })
})
