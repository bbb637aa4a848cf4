/** Collects what a view writes. */
export function sink(): { readonly write: (text: string) => void; readonly text: () => string; readonly pieces: readonly string[] } {
  const pieces: string[] = []
  return { write: piece => void pieces.push(piece), text: () => pieces.join(''), pieces }
}
