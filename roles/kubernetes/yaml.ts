/** Plain data, as a configuration file holds it. `undefined` fields are left out. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data | undefined }

/** Words that YAML 1.1, which Kubernetes still reads, takes for something else than text, and anything with a character of its own meaning. */
const plainWord = /^[A-Za-z/][A-Za-z0-9/._-]*$/
const otherMeaning = /^(true|false|yes|no|on|off|null|y|n|e\d+)$/i

/** One YAML document: block style, two spaces, text quoted whenever it could be read as anything else. */
export function toYaml(data: Data): string {
  return `${lines(data).join('\n')}\n`
}

/** Several documents in one file. */
export function toYamlDocuments(documents: readonly Data[]): string {
  return documents.map(toYaml).join('---\n')
}

function lines(data: Data): string[] {
  if (isList(data)) return data.length === 0 ? ['[]'] : data.flatMap(item => nested('-', lines(item)))
  if (!isRecord(data)) return [scalar(data)]
  const fields = Object.entries(data).flatMap(([key, value]) => (value === undefined ? [] : [{ key: scalar(key), value }]))
  return fields.length === 0 ? ['{}'] : fields.flatMap(({ key, value }) => field(key, value))
}

function field(key: string, value: Data): string[] {
  const inside = lines(value)
  const inline = !(isList(value) ? value.length > 0 : isRecord(value) && inside[0] !== '{}')
  return inline ? [`${key}: ${inside[0] ?? ''}`] : [`${key}:`, ...inside.map(line => `  ${line}`)]
}

function nested(bullet: string, [first = '', ...rest]: readonly string[]): string[] {
  return [`${bullet} ${first}`, ...rest.map(line => `  ${line}`)]
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value)
  return plainWord.test(value) && !otherMeaning.test(value) ? value : JSON.stringify(value)
}

function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data)
}
function isRecord(data: Data): data is { readonly [key: string]: Data | undefined } {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
