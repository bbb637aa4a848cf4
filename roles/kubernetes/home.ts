import { fact, sh } from 'ts-play'

/** The home folder of whoever runs ts-play, where a role is on the controller. */
export const home = fact({ name: 'home', query: sh`printf %s "$HOME"`, parse: stdout => stdout })

/** `~/` at the beginning is that folder. */
export const underHome = (path: string, folder: string): string => path.replace(/^~(?=\/)/, () => folder)
