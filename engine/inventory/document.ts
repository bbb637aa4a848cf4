import { isNode, parseDocument, visit, type Document, type Node, type YAMLError } from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import { error, placeAt, sourceText, wholeFile, type SourceText } from './place.ts'
import { survey, type Survey } from './survey.ts'

/** A YAML file that was parsed and looked through once. */
export interface YamlDocument extends Survey {
  readonly source: SourceText
  /** `undefined` where the file is empty or could not be parsed. */
  readonly root: Node | undefined
}

export interface Parsed {
  readonly document: YamlDocument
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Parses YAML 1.2 text. Never throws: what cannot be understood becomes a diagnostic, and then there is no root.
 *
 * @param given.hidden the text was decrypted: its lines are never shown
 */
export function parseYaml(given: { file: string; text: string; hidden?: boolean }): Parsed {
  const source = sourceText(given.file, given.text, given.hidden)
  const nothing = { source, root: undefined, aliases: new Map(), tagged: [] }
  try {
    const parsed = parseDocument(given.text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent', customTags: OUR_TAGS })
    const first = parsed.errors[0]
    if (first) return { document: nothing, diagnostics: [syntax({ source, problem: first, count: parsed.errors.length, open: openQuote(parsed, first) })] }
    const root = isNode(parsed.contents) ? parsed.contents : undefined
    const diagnostics: Diagnostic[] = []
    const seen = root ? survey(root, source, diagnostics) : { aliases: new Map(), tagged: [] }
    return { document: { source, root, ...seen }, diagnostics }
  } catch (problem) {
    // The parser recurses: text that is nested thousands of levels deep overflows the stack instead of giving an error.
    const why = problem instanceof RangeError ? 'it is nested too deep' : String(problem)
    return { document: nothing, diagnostics: [error(wholeFile(given.file), `cannot be read as YAML: ${why}`)] }
  }
}

/** Known so that they parse as text without a warning; `references.ts` gives them their meaning. */
const OUR_TAGS = ['!vault', '!env', '!file', '!unsafe'].map(tag => ({ tag, resolve: (text: string) => text }))

function syntax({ source, problem, count, open }: { source: SourceText; problem: YAMLError; count: number; open: number | undefined }): Diagnostic {
  // The parser finds an open quote at the end of the file; the user finds it where it begins.
  const place = open === undefined ? placeAt(source, problem.pos[0], problem.pos[1]) : placeAt(source, open, open + 1)
  // The parser quotes the text it stumbled over, which may be a secret; the place shows it where it may be shown.
  const message = `YAML syntax: ${messages[problem.code] ?? problem.message.replace(/: ".*$/s, '').replace(/\.$/, '')}`
  // The errors after the first are mostly its consequences.
  return error(place, count > 1 ? `${message} (and ${count - 1} more after it)` : message, hints[problem.code])
}

function openQuote(parsed: Document.Parsed, problem: YAMLError): number | undefined {
  let open: number | undefined
  if (problem.message.includes('Missing closing')) visit(parsed, { Scalar: (_, node) => void (node.type?.startsWith('QUOTE') && node.range && node.range[1] >= problem.pos[0] && (open ??= node.range[0])) })
  return open
}

const messages: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'a tab in the indentation',
  MULTILINE_IMPLICIT_KEY: 'a name without a `:`',
  BLOCK_AS_IMPLICIT_KEY: 'a `: ` inside a value',
  MULTIPLE_DOCS: 'a second document',
}

const hints: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_INDENT: 'entries of one mapping start in the same column',
  TAB_AS_INDENT: 'indent with spaces: YAML does not allow tabs',
  MULTILINE_IMPLICIT_KEY: 'a `:` is missing on this line, or the line before is indented wrongly',
  MISSING_CHAR: 'a quote, a bracket or a `:` is not closed or missing',
  MULTIPLE_DOCS: 'an inventory is one document: remove the `---` in the middle',
  BLOCK_AS_IMPLICIT_KEY: 'a value that contains `: ` needs quotes',
  BAD_ALIAS: 'a value that starts with `*` or `&` needs quotes',
  BAD_SCALAR_START: 'a value that starts with this character needs quotes',
  UNEXPECTED_TOKEN: 'a value with `: `, ` #`, brackets or a leading `@`, `%` or backtick needs quotes',
}
