import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'
import { cacheFolder } from '../lab/cache.ts'

/** The peers, installed. */
export interface Peers {
  readonly python: string
  readonly ansible: { readonly version: string; readonly program: string }
  readonly mitogen: { readonly version: string; readonly plugins: string }
  readonly pyinfra: { readonly version: string; readonly program: string }
}

/** What is measured against; an exact version each, so that two runs of the bench mean the same. Mitogen runs inside of this very ansible-core, which its release supports. */
const wanted = { 'ansible-core': '2.21.5', mitogen: '0.3.54', pyinfra: '3.10.0' } as const
/** ansible-core 2.21 needs Python 3.12 or newer on the controller. */
const OLDEST = 12

const quiet = $({ quiet: true })

/** Installs the peers from the Python package index into the user's cache folder, once a version. @throws Error when there is no Python that runs them. */
export async function peers(say: (line: string) => void): Promise<Peers> {
  const { program: python, version } = await newestPython()
  const [core, mitogen, deploys] = [wanted['ansible-core'], wanted.mitogen, wanted.pyinfra]
  const ansible = await environment({ name: `ansible-core-${core}-mitogen-${mitogen}-python-${version}`, python, packages: [`ansible-core==${core}`, `mitogen==${mitogen}`], say })
  const pyinfra = await environment({ name: `pyinfra-${deploys}-python-${version}`, python, packages: [`pyinfra==${deploys}`], say })
  const [lib] = (await readdir(join(ansible, 'lib'))).filter(name => name.startsWith('python3'))
  return {
    python: version,
    ansible: { version: core, program: join(ansible, 'bin/ansible-playbook') },
    mitogen: { version: mitogen, plugins: join(ansible, 'lib', lib ?? '', 'site-packages/ansible_mitogen/plugins/strategy') },
    pyinfra: { version: deploys, program: join(pyinfra, 'bin/pyinfra') },
  }
}

/** A Python environment with exactly these packages; moved to its name when it is complete. */
async function environment({ name, python, packages, say }: { name: string; python: string; packages: readonly string[]; say: (line: string) => void }): Promise<string> {
  const folder = join(cacheFolder, 'bench', name)
  if (existsSync(join(folder, 'complete'))) return folder
  say(`installing ${packages.join(' and ')}, once`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(cacheFolder, 'bench'), { recursive: true })
  await quiet`${python} -m venv ${folder}`
  await quiet`${join(folder, 'bin/pip')} install --quiet --disable-pip-version-check ${packages}`
  // Byte code is there before the first run, as it is for somebody who uses it every day.
  await quiet`${join(folder, 'bin/python')} -m compileall -q ${join(folder, 'lib')}`.nothrow()
  await mkdir(join(folder, 'complete'))
  return folder
}

async function newestPython(): Promise<{ readonly program: string; readonly version: string }> {
  const versions = join(homedir(), '.pyenv/versions')
  const own = existsSync(versions) ? readdirSync(versions).map(name => join(versions, name, 'bin/python3')) : []
  const names = ['python3.14', 'python3.13', 'python3.12', 'python3']
  const found = await Promise.all([...names, ...own].map(async program => {
    const { stdout } = await $({ quiet: true, nothrow: true })`${program} -c ${'import sys, venv, ensurepip; print("%d.%d.%d" % sys.version_info[:3])'}`
    const [major = 0, minor = 0] = stdout.trim().split('.').map(Number)
    return { program, version: stdout.trim(), major, minor }
  }))
  // Newer ones than these packages were published for may lack compiled parts.
  const [best] = found.filter(({ major, minor }) => major === 3 && minor >= OLDEST && minor <= 14).toSorted((a, b) => b.minor - a.minor)
  if (best === undefined) throw new Error(`ansible-core ${wanted['ansible-core']} needs Python 3.${OLDEST} or newer with venv on the controller; install one (or put it on PATH), or leave the peers out: --without ansible,ansible-pipelining,mitogen,pyinfra`)
  return best
}
