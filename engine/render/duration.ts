/** Milliseconds as people say them: `850 ms`, `12.4 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(milliseconds: number): string {
  const whole = Math.max(0, milliseconds)
  if (whole < 999.5) return `${Math.round(whole)} ms`
  if (whole < 59_950) return `${(whole / 1000).toFixed(1)} s`
  return clock(whole)
}

/** Elapsed time of something that still runs: whole seconds, so that a live row changes once a second and not at each frame. */
export function elapsed(milliseconds: number): string {
  return milliseconds < 59_500 ? `${Math.round(Math.max(0, milliseconds) / 1000)} s` : clock(milliseconds)
}

function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  const two = (part: number): string => String(part).padStart(2, '0')
  return minutes < 60 ? `${minutes} min ${two(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}
