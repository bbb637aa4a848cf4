import { fact, sh } from 'ts-play'
import { workplace } from './workplace.ts'

/** How far a restore has come on a host: `sha256` of the backup at each step, empty where it was never taken. */
export interface Progress {
  /** The backup that lies here. */
  readonly staged: string
  /** The backup that this host was restored from last. */
  readonly done: string
}

export const progress = fact({
  name: 'restore-progress',
  lifetime: 'volatile',
  query: sh`
    echo "staged=$(cat ${workplace.staged} 2>/dev/null)"
    echo "done=$(cat ${workplace.done} 2>/dev/null)"`,
  parse: (stdout): Progress => {
    const of = (key: string): string => new RegExp(`^${key}=(\\S*)`, 'm').exec(stdout)?.[1] ?? ''
    return { staged: of('staged'), done: of('done') }
  },
})

/** What a backup says about itself, beside what the host is. */
export interface Contents {
  readonly taken: string
  readonly host: string
  readonly revision: number
  readonly keys: number
  /** Whether its certificate authority is the host's; `unknown` where one of them is missing. */
  readonly authority: 'same' | 'other' | 'unknown'
}

export const contents = fact({
  name: 'backup-contents',
  lifetime: 'volatile',
  query: sh`
    cd ${workplace.backup} 2>/dev/null || exit 0
    cat about
    echo
    if [ -s pki/ca.crt ] && [ -s /etc/kubernetes/pki/ca.crt ]; then
      if cmp -s pki/ca.crt /etc/kubernetes/pki/ca.crt; then echo authority=same; else echo authority=other; fi
    fi`,
  parse: parseContents,
})

export function parseContents(stdout: string): Contents {
  const of = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1]?.trim() ?? ''
  const number = (key: string): number => Number(new RegExp(`"${key}":(\\d+)`).exec(of('status'))?.[1] ?? 0)
  const authority = of('authority')
  return { taken: of('taken'), host: of('host'), revision: number('revision'), keys: number('totalKey'), authority: authority === 'same' || authority === 'other' ? authority : 'unknown' }
}
