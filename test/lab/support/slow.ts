import { command, everyone, file, handler, play, playbook, role, sh, waitFor, z } from 'ts-play'

/** Three tasks, the second of which runs until it is let go (/srv/go), and a handler that the first makes due. */
const note = handler('note it', command({ run: sh`echo noted >>/srv/notes` }))
const slow = role('slow', {
  vars: {
    /** What takes its time: a change, which is left to end when the controller is gone, or a wait, which is killed. */
    kind: z.enum(['change', 'wait']).default('change'),
    /** Seconds after which the change ends by itself. */
    lasts: z.int().default(120),
    /** Seconds it may take. */
    timeout: z.int().default(600),
  },
  tasks: ({ vars }) => [
    file({ path: '/srv/first', content: 'first\n' }, { notify: [note] }),
    vars.kind === 'wait'
      ? waitFor({ name: 'the way is free', path: '/srv/go', timeout: vars.timeout * 1000, every: 200 })
      : command({ name: 'take time', run: sh`echo begun >/srv/begun; n=0; while [ ! -e /srv/go ] && [ $n -lt ${vars.lasts * 10} ]; do sleep 0.1; n=$((n+1)); done; echo done >/srv/second`, creates: '/srv/second', timeout: vars.timeout * 1000 }),
    file({ path: '/srv/third', content: 'third\n' }),
  ],
})
export default playbook('slow', [play(slow, { hosts: everyone })])
