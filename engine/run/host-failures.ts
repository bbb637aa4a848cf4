import type { Failure } from '../model/failure.ts'
import type { SectionResult } from '../model/session.ts'

export function lost(host: string, message: string): Failure {
  return { reason: 'connection-lost', message: `the connection to ${host} was lost: ${message}`, remedy: 'run again: the state of the host is probed anew, nothing is assumed' }
}

/** A host that was only to help is its task's trouble: nothing is wrong with the host of the node. */
export function ofDelegate(failure: Failure, delegate: string, host: string): Failure {
  return { reason: 'delegate-unreachable', message: `${delegate}, where this is executed for ${host}, cannot be used: ${failure.message}`, remedy: failure.remedy }
}

export function unknownHost(host: string): Failure {
  return { reason: 'refused', message: `${host}, where this is to be executed, is not in the inventory`, remedy: '`on` takes the name of a host as the inventory has it, or localhost' }
}

/** @param frame.deadline milliseconds that it was given */
export function timedOut(host: string, { deadline, results }: { deadline: number; results: readonly SectionResult[] }): Failure {
  return {
    reason: 'timed-out',
    message: `${host} did not finish within ${Math.round(deadline / 1000)} s; the host ended it`,
    remedy: 'give the task a longer `timeout`, or find out on the host what it waits for',
    stderr: results.map(result => result.stderr).filter(text => text !== '').join('\n'),
  }
}
