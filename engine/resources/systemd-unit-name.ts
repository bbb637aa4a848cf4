const TYPES = ['service', 'socket', 'device', 'mount', 'automount', 'swap', 'target', 'path', 'timer', 'slice', 'scope']

/**
 * A unit's full name: `kubelet` is `kubelet.service`, names that end in a unit type stay as they are (systemd.unit(5)).
 *
 * @throws TypeError for names that no unit can have: a path, an option, a pattern
 */
export function unitName(name: string): string {
  if (!/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a systemd unit`)
  return TYPES.some(type => name.endsWith(`.${type}`)) ? name : `${name}.service`
}
