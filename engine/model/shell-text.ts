/** Text of ours for a host's shell, without the lines that only tell why: whoever wants to know reads the source. No line of a here-document may begin with `# `. */
export function withoutComments(text: string): string {
  return text.replaceAll(/^ *# .*\n/gm, '')
}
