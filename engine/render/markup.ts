import { printable } from './escape.ts'

/** Text as it stands between tags or in a quoted attribute, of HTML and of XML 1.0 (which has no place for most control characters at all: they become visible). */
export function escaped(text: string | number): string {
  return printable(String(text)).replaceAll(/[&<>"']/g, found => `&#${found.charCodeAt(0)};`)
}

/** Markup that was made here: only this type is put into a template as it is. */
export class Markup {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

type Hole = string | number | Markup | readonly Markup[]

/** A template whose holes are escaped unless they are markup themselves: nothing that a host said can become a tag. */
export function markup(parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  return new Markup(parts.reduce((text, part, index) => `${text}${filled(holes[index - 1] ?? '')}${part}`))
}

function filled(hole: Hole): string {
  if (hole instanceof Markup) return hole.toString()
  return typeof hole === 'object' ? hole.join('') : escaped(hole)
}
