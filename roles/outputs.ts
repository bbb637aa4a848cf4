/*
 * What the roles hand to each other. A stand-in differs per seed in every field: whatever was computed from one comes out different in the engine's two
 * imagined worlds, and is shown as unknown instead of guessed.
 */

export * from './outputs/backup.ts'
export * from './outputs/cluster.ts'
export * from './outputs/external-etcd.ts'
export * from './outputs/host.ts'
export * from './outputs/k3s.ts'
export * from './outputs/software.ts'
export * from './outputs/tickets.ts'
