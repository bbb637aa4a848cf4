import type { Failure } from '../model/failure.ts'

/** Ctrl-C: what runs may end, nothing new begins. */
export const interrupted: Failure = { reason: 'interrupted', message: 'stopped by Ctrl-C before it was done', remedy: 'run again: it goes on from what it finds' }
