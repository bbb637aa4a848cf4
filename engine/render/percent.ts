/** How much of something is done: `43 %`; 100 only when it is all of it. */
export function percent({ bytes, size }: { readonly bytes: number; readonly size: number }): string {
  return `${size === 0 ? 100 : Math.floor((bytes / size) * 100)} %`
}
