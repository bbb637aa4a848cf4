import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { $ } from 'zx'
import { cacheFolder } from '../cache.ts'
import { goBuild, missingBinaries, wrapperModule } from '../kubernetes/go-build.ts'

/** A storage that speaks S3, verifies signatures (V4) and the sums of what it is sent, and keeps objects as files. */
const module = 'github.com/versity/versitygw'
const version = 'v1.8.0'
const program = `${module}/cmd/versitygw`
const binaries = join(cacheFolder, 'versitygw', version, 'bin')

/** Builds it where it is not in the cache: some minutes, once. */
export async function buildS3(say: (line: string) => void): Promise<void> {
  if (missingBinaries(binaries, [program]).length === 0) return
  const source = join(cacheFolder, 'src', `versitygw-${version}`)
  await wrapperModule(source, 'versitygw', [`${program}@${version}`])
  await goBuild({ source, output: binaries, packages: [program], say })
}

export interface S3Server extends AsyncDisposable {
  /** https://ADDRESS:PORT */
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of its own certificate, PEM. */
  readonly ca: string
  /** Where the bucket's objects lie as files. */
  readonly bucketFolder: string
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

/** Starts it with a bucket and a certificate of its own for that address. */
export async function s3Server({ address, port, bucket }: { readonly address: string; readonly port: number; readonly bucket: string }): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'ts-play-s3-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const bucketFolder = join(folder, 'data', bucket)
  await mkdir(bucketFolder, { recursive: true })
  await $({ quiet: true })`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=storage -addext ${`subjectAltName=IP:${address}`} -keyout ${key} -out ${cert}`
  // What is special for a shell, for curl's configuration and for YAML.
  const login = { accessKeyId: 'BACKUP', secretAccessKey: `s3"cr\\et'$(x) #+/=` }
  const endpoint = `https://${address}:${port}`
  let child: ReturnType<typeof spawn> | undefined
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise(resolve => child?.once('exit', resolve))
    child.kill()
    await ended
  }
  const start = async (): Promise<void> => {
    child = spawn(join(binaries, 'versitygw'), ['--port', `${address}:${port}`, '--cert', cert, '--key', key, '--region', 'lab-1', '--quiet', 'posix', '--sidecar', join(folder, 'meta'), join(folder, 'data')], {
      env: { PATH: process.env['PATH'] ?? '', ROOT_ACCESS_KEY_ID: login.accessKeyId, ROOT_SECRET_ACCESS_KEY: login.secretAccessKey },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    for (let tries = 0; (await $({ nothrow: true, quiet: true })`curl -s --cacert ${cert} --max-time 2 -o /dev/null ${endpoint}/`).exitCode !== 0; tries++) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`the storage at ${endpoint} did not come up`)
      await pause(100)
    }
  }
  await mkdir(join(folder, 'meta'))
  await start()
  return {
    endpoint, ...login, bucketFolder, stop, start,
    ca: await readFile(cert, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
