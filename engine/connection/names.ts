/**
 * What is wrong with a name that will be an argument of ssh, or a word in a command of the user's ssh_config. The rules are OpenSSH's own of 9.6 and later
 * (CVE-2023-51385), also for an older one; `undefined`: nothing.
 */
export function badHostName(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.startsWith('-')) return 'it starts with `-`, as an option does'
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\s\u0000-\u001f\u007f]/.test(name)) return 'it holds white space or a control character'
  if (/['"`$\\;&<>|(){}]/.test(name)) return 'it holds a character that means something to a shell'
  return undefined
}

/** The same for the name of a user. A domain may stand before it: `CORP\me`. */
export function badUserName(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.startsWith('-')) return 'it starts with `-`, as an option does'
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'it holds a control character'
  if (/['"`;&<>|(){}]/.test(name) || name.endsWith('\\') || /\s-/.test(name)) return 'it holds a character that means something to a shell'
  return undefined
}
