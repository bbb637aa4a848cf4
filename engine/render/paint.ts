/** Colours by meaning. With colour off every one is the identity: no byte of SGR is written. */
export interface Paint {
  readonly good: Brush
  readonly changed: Brush
  readonly bad: Brush
  readonly unsure: Brush
  readonly quiet: Brush
  readonly strong: Brush
}
type Brush = (text: string) => string

/** @param color whether the terminal takes colours; NO_COLOR is the caller's to read */
export function paint(color: boolean): Paint {
  const brush = (open: number, close: number): Brush => (color ? text => (text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`) : text => text)
  return { good: brush(32, 39), changed: brush(33, 39), bad: brush(31, 39), unsure: brush(35, 39), quiet: brush(2, 22), strong: brush(1, 22) }
}
