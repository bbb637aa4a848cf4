import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
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
  // It gets its name when it says whose it is: one that a killed process left empty would be nobody's.
  const mine = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(mine, JSON.stringify(thisProcess()))
  try {
    for (const end = Date.now() + 120_000; ; await sleep(50)) {
      const got = await link(mine, file).then(() => true, () => false)
      if (got) break
      await breakIfDead()
      if (Date.now() > end) throw new Error(`another process holds ${file} for two minutes`)
    }
  } finally {
    await rm(mine, { force: true })
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

/** A holder that was killed cannot unlock. */
async function breakIfDead(): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  if (text !== '' && !isSameProcess(Process.parse(JSON.parse(text)))) await rm(file, { force: true })
}
