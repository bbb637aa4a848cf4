import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineFolder } from './cache.ts'
import { isSameProcess, Process, thisProcess } from './process.ts'

const file = join(machineFolder, 'lock')

/**
 * One process at a time changes what exists once on the machine. Without it the last lab of one test run could put the
 * sysctls back while the first lab of another has just set them.
 */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(machineFolder, { recursive: true, mode: 0o700 })
  const mine = JSON.stringify(thisProcess())
  for (const end = Date.now() + 120_000; ; await sleep(50)) {
    const got = await writeFile(file, mine, { flag: 'wx' }).then(() => true, () => false)
    if (got) break
    await breakIfDead()
    if (Date.now() > end) throw new Error(`another process holds ${file} for two minutes`)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

/** A holder that was killed cannot unlock. A file that is still empty is being written. */
async function breakIfDead(): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  if (text !== '' && !isSameProcess(Process.parse(JSON.parse(text)))) await rm(file, { force: true })
}
