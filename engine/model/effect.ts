/**
 * What bringing something about does to what others look at. Check mode uses it to tell which of the things it saw may be otherwise by the time a run comes to them.
 *
 * - `anything`: programs of others run (a command, the scripts of a package, a service), and nothing is known of what they touch.
 * - `path`: a name in the file system; with `tree` all that is below it, with `line` only a line of the file.
 * - `account`: a user or a group comes, goes or gets another number.
 * - `package`: a package comes or goes.
 * - `unit`: a file of a systemd unit, which systemd then reads. `becomes`: what the unit is from then on; one that is `static` has no [Install] and counts as enabled.
 */
export type Effect =
  | { readonly type: 'anything' }
  | { readonly type: 'path'; readonly path: string; readonly part: 'name' | 'tree' | 'line' }
  | { readonly type: 'account'; readonly name: string }
  | { readonly type: 'package'; readonly name: string }
  | { readonly type: 'unit'; readonly name: string; readonly path: string; readonly becomes: 'installable' | 'static' | 'gone' | 'as it was' }

export const anything: readonly Effect[] = [{ type: 'anything' }]
