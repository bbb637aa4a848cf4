/** The public API of ts-play: roles and playbooks import nothing else. */
export { sh } from './model/command.ts'
