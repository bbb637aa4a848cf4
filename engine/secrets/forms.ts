/** Shorter texts are never redacted: masking every `yes` or `123` would make a log unreadable, and show by its holes what the secret is. */
export const SHORTEST = 4
/** Lines of a secret of several lines are redacted one by one from this length on. */
export const SHORTEST_LINE = 8

/**
 * Every way in which a secret is likely to show up in output: as it is, by line, and as base64 (also inside a longer
 * encoded text), hex, URL-encoded, and escaped for JSON, XML, YAML and shells. Not found: wrapped base64 that does not
 * begin with the secret, encodings of encodings (but JSON in JSON), and what a program computes from it.
 */
export function formsOf(secret: string): readonly string[] {
  const whole = secret.toWellFormed()
  const trimmed = whole.trim()
  // Four spaces are no secret: masking them would mask every indentation.
  if (trimmed.length < SHORTEST) return []
  const texts = new Set([whole, trimmed])
  if (trimmed.includes('\n')) for (const line of trimmed.split(/\r?\n/)) for (const part of partsOf(line)) texts.add(part)
  return [...new Set([...texts].flatMap(encodings))].filter(form => form.length >= SHORTEST)
}

/** A line, and what it assigns: `password: x` is `"password":"x"` elsewhere. The frame of a PEM file is no secret. */
function partsOf(line: string): readonly string[] {
  const text = line.trim()
  if (text.length < SHORTEST_LINE || /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/.test(text)) return []
  const assigned = /^[\w.-]+\s*[:=]\s*["']?([^\s"']{8,})["']?$/.exec(text)?.[1]
  return assigned === undefined ? [text] : [text, assigned]
}

function encodings(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8')
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = json.replaceAll(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const url = encodeURIComponent(text)
  const hex = bytes.toString('hex')
  const xml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return [
    text,
    ...base64(bytes),
    hex, hex.toUpperCase(), hex.replaceAll(/..(?=.)/g, '$&:'),
    url, url.replaceAll(/%[0-9A-F]{2}/g, code => code.toLowerCase()), url.replaceAll('%20', '+'), encodeURI(text), strictUrl(url, /[!'()*]/g), strictUrl(url, /[!'()~]/g).replaceAll('%20', '+'),
    json, ascii, json.replaceAll('/', '\\/'), JSON.stringify(json).slice(1, -1),
    xml, xml.replaceAll('"', '&quot;').replaceAll("'", '&#39;'), xml.replaceAll('"', '&quot;').replaceAll("'", '&apos;'),
    ...shell(text),
  ]
}

/** `encodeURIComponent` leaves signs that forms and other languages encode. */
function strictUrl(url: string, signs: RegExp): string {
  return url.replaceAll(signs, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function shell(text: string): readonly string[] {
  return [
    // Inside '…': sh and zx, then Python's shlex and `set -x` of dash, then YAML and SQL.
    text.replaceAll("'", `'\\''`), text.replaceAll("'", `'"'"'`), text.replaceAll("'", "''"),
    // Inside "…", bare as printf %q writes it, and inside $'…'.
    text.replaceAll(/["$`\\]/g, '\\$&'), text.replaceAll(/[^\w@%+=:,./\n-]/g, '\\$&'),
    text.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r'),
  ]
}

/** Base64 of the bytes wherever they stand in a longer text: of each of the three alignments, the signs that they alone decide. */
function base64(bytes: Buffer): readonly string[] {
  const inside = [0, 1, 2].map(offset => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })
  const alone = bytes.toString('base64')
  const wrapped = [64, 76].flatMap(width => (alone.length > width ? (alone.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : []))
  const standard = [...inside, alone, alone.replace(/=+$/, ''), ...wrapped.filter(line => line.length >= SHORTEST_LINE)]
  return [...standard, ...standard.map(form => form.replaceAll('+', '-').replaceAll('/', '_'))]
}
