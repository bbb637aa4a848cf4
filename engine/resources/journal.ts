/**
 * A line of shell that returns once the journal has what was said until now, so that what is read from it next is not without the last line.
 *
 * journald takes messages in some time after a job of systemd ended ({@link https://www.freedesktop.org/software/systemd/man/latest/journalctl.html | journalctl(1)}, `--sync`).
 * One that does not answer within 5 s, or is not there, keeps nobody waiting for longer.
 */
export const journalWritten = 'timeout 5 journalctl -q --sync >/dev/null 2>&1 || :'
