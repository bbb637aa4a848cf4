import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sh } from '../../engine/model/command.ts'
import { secret } from '../../engine/model/secret.ts'
import type { Section } from '../../engine/model/session.ts'
import type { Task } from '../../engine/model/task.ts'
import { copy } from '../../engine/resources/copy.ts'
import { directory } from '../../engine/resources/directory.ts'
import { file } from '../../engine/resources/file.ts'
import { hostsEntry } from '../../engine/resources/hosts-entry.ts'
import { lineInFile } from '../../engine/resources/line-in-file.ts'
import { symlink } from '../../engine/resources/symlink.ts'
import type { Script } from '../../engine/model/script.ts'
import { calm, results, shellHere } from '../connection/open.ts'
import { controllerFile } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { shells } from './support/shells.ts'

const section = (task: Task, { command, stdin }: Script): Section => ({
  script: command.text, ...(task.helpers === undefined ? {} : { helpers: task.helpers }), ...(stdin === undefined ? {} : { stdin }),
})

test.each(shells)('every kind of the family works in one frame of the real framed shell over $name', async ({ command }) => {
  const folder = scratch()
  mkdirSync(join(folder, 'd'))
  const big = Buffer.alloc(3_000_000, 'big')
  writeFileSync(join(folder, 'source'), big)
  writeFileSync(join(folder, 'd/hosts'), '127.0.0.1 localhost\n')
  const tasks = [
    file({ path: join(folder, 'd/plain'), content: 'text\n', mode: 0o640, validate: sh`grep -q text` }),
    file({ path: join(folder, 'd/secret'), content: secret`s3cret\nof two lines` }),
    copy({ source: join(folder, 'source'), path: join(folder, 'd/copy') }),
    directory({ path: join(folder, 'd/deep/er'), mode: 0o1777 }),
    symlink({ path: join(folder, 'd/link'), target: 'plain' }),
    lineInFile({ path: join(folder, 'd/lines'), line: 'x = 1', create: true }),
    hostsEntry({ address: '10.0.0.1', names: ['api'], file: join(folder, 'd/hosts') }),
  ]
  // /bin/sh does not say which applet of busybox is meant.
  await using shell = await shellHere(command.length === 1 ? { interpreter: command[0] } : {})
  const look = async () => {
    const seen = results(await shell.query(tasks.map(task => section(task, task.probe)), calm))
    return tasks.map((task, index) => {
      const result = seen[index] ?? { status: undefined, stdout: '', stderr: '' }
      expect(result, task.id).toMatchObject({ status: 0, stderr: '' })
      return task.assess(result, controllerFile)
    })
  }
  const before = await look()
  expect(before.map(({ changes }) => changes.length > 0)).toEqual(tasks.map(() => true))
  const sections = tasks.flatMap((task, index) => {
    const assessment = before[index]
    return assessment ? [section(task, assessment.apply())] : []
  })
  expect(results(await shell.apply({ sections, deadline: 20_000 }, calm)).map(({ status, stderr }) => `${status}${stderr}`)).toEqual(tasks.map(() => '0'))
  expect((await look()).map(({ changes }) => changes)).toEqual(tasks.map(() => []))
  expect(readFileSync(join(folder, 'd/secret'), 'utf8')).toBe('s3cret\nof two lines')
  expect(readFileSync(join(folder, 'd/copy')).equals(big)).toBe(true)
  expect(readlinkSync(join(folder, 'd/link'))).toBe('plain')
  expect(statSync(join(folder, 'd/deep/er')).mode & 0o7777).toBe(0o1777)
})
