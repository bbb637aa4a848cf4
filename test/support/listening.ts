import type { Frame } from '../../engine/model/session.ts'
import type { World } from './world.ts'

/** What a host was asked, and by which user; without a deadline it was a query. */
export type Heard = (user: string | undefined, sections: Frame['sections'], deadline?: number) => void

/** Lets somebody hear all frames that are sent to a world's hosts. */
export function listening(world: World, heard: Heard): World {
  const { connect } = world
  world.connect = async host => {
    const session = await connect(host)
    if ('type' in session) return session
    return {
      ...session,
      shell: async user => {
        const shell = await session.shell(user)
        if ('type' in shell) return shell
        return {
          query: (sections, signal) => (heard(user, sections), shell.query(sections, signal)),
          apply: (frame, signal) => (heard(user, frame.sections, frame.deadline), shell.apply(frame, signal)),
        }
      },
    }
  }
  return world
}
