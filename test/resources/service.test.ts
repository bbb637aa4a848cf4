import { describe, expect, test } from 'vitest'
import { service } from '../../engine/resources/service.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

/** Recorded with systemd 252. */
const shown = (load: string, active: string, sub: string, file: string): string => `LoadState=${load}\nActiveState=${active}\nSubState=${sub}\nUnitFileState=${file}\n`
const running = shown('loaded', 'active', 'running', 'enabled')
const dead = shown('loaded', 'inactive', 'dead', 'disabled')
const crashLoop = shown('loaded', 'activating', 'auto-restart', 'enabled')
const starting = shown('loaded', 'activating', 'start', 'enabled')
const failed = shown('loaded', 'failed', 'failed', 'enabled')
const masked = shown('masked', 'inactive', 'dead', 'masked')
const unknown = shown('not-found', 'inactive', 'dead', '')
const notify = shown('loaded', 'reloading', 'reload-notify', 'enabled')
const sysv = `${shown('loaded', 'active', 'exited', 'generated')}IsEnabled=disabled\n`

const wished = { state: 'running', enabled: true } as const

describe('a service', () => {
  test.each([
    ['as wished', running, []],
    ['reloading', notify, []],
    ['stopped and disabled', dead, ['enabled: disabled → enabled', 'state: inactive (dead) → running']],
    ['crashing again and again', crashLoop, ['state: activating (auto-restart) → running']],
    ['still starting', starting, ['state: activating (start) → running']],
    ['failed', failed, ['state: failed (failed) → running']],
    ['masked', masked, ['enabled: masked → enabled', 'state: inactive (dead) → running']],
    ['not installed', unknown, ['enabled: no unit file → enabled', 'state: not found → running']],
    ['of SysV and disabled', sysv, ['enabled: disabled → enabled']],
    ['enabled until the next boot only', shown('loaded', 'active', 'running', 'enabled-runtime'), ['enabled: enabled-runtime → enabled']],
    ['linked but not enabled', shown('loaded', 'active', 'running', 'linked'), ['enabled: linked → enabled']],
  ])('%s, that should run and come up at boot', (_, probed, changes) => {
    expect(plan(service({ name: 'haproxy', ...wished }), probed)).toEqual(changes)
  })

  test.each(['static', 'alias', 'indirect', 'generated'])('with a %s unit file counts as enabled', file => {
    expect(plan(service({ name: 'haproxy', ...wished }), shown('loaded', 'active', 'running', file))).toEqual([])
  })

  test.each([
    ['running', running, ['enabled: enabled → disabled', 'state: active (running) → stopped']],
    ['crashing again and again', crashLoop, ['enabled: enabled → disabled', 'state: activating (auto-restart) → stopped']],
    ['failed', failed, ['enabled: enabled → disabled']],
    ['not installed', unknown, []],
    ['masked', masked, []],
    ['stopping', shown('loaded', 'deactivating', 'stop-sigterm', 'disabled'), ['state: deactivating (stop-sigterm) → stopped']],
  ])('%s, that should be stopped and disabled', (_, probed, changes) => {
    expect(plan(service({ name: 'haproxy', state: 'stopped', enabled: false }), probed)).toEqual(changes)
  })

  test('left alone in what is not given', () => {
    expect(plan(service({ name: 'kubelet', enabled: true }), crashLoop)).toEqual([])
    expect(plan(service({ name: 'kubelet', state: 'running' }), running.replace('=enabled', '=disabled'))).toEqual([])
  })

  test('masked and unmasked', () => {
    expect(plan(service({ name: 'swap.target', masked: true }), unknown)).toEqual(['masked: false → true'])
    expect(plan(service({ name: 'swap.target', masked: true }), masked)).toEqual([])
    expect(plan(service({ name: 'x', masked: false }), masked)).toEqual(['masked: true → false'])
    // Until the next boot only.
    expect(plan(service({ name: 'x', masked: true }), masked.replace('UnitFileState=masked', 'UnitFileState=masked-runtime'))).toEqual(['masked: false → true'])
    expect(plan(service({ name: 'x', masked: false, ...wished }), masked)).toEqual(['masked: true → false', 'enabled: masked → enabled', 'state: inactive (dead) → running'])
  })

  test('restarted and reloaded are actions, after what can be compared', () => {
    expect(plan(service({ name: 'haproxy', state: 'reloaded' }), running)).toEqual(['reloaded: runs'])
    expect(plan(service({ name: 'haproxy', state: 'restarted', enabled: true }), dead)).toEqual(['enabled: disabled → enabled', 'restarted: runs'])
  })

  test('is brought about in the order that works', () => {
    const steps = (script: string): string[] => [...script.matchAll(/(?:systemctl(?: -q)? |tsp_unit_|tsp_unit_begin \S+ )(unmask|mask|enable|disable|start|stop|restart|reload) /g)].flatMap(([, verb]) => verb ?? [])
    expect(steps(applied(service({ name: 'x', masked: false, ...wished }), masked))).toEqual(['unmask', 'unmask', 'enable', 'start'])
    expect(steps(applied(service({ name: 'x', masked: true, state: 'stopped', enabled: false }), running))).toEqual(['disable', 'disable', 'stop', 'mask'])
    expect(steps(applied(service({ name: 'x', state: 'reloaded' }), running))).toEqual(['reload', 'start'])
    expect(steps(applied(service({ name: 'x', ...wished }), running.replace('=enabled', '=disabled')))).toEqual(['enable'])
  })

  test('failures of before are forgotten where there may be some', () => {
    const forgets = (probed: string): boolean => applied(service({ name: 'x', state: 'running' }), probed).includes('reset-failed')
    expect(forgets(dead)).toBe(false)
    expect(forgets(dead.replace('=inactive', '=failed'))).toBe(true)
    expect(forgets(dead.replace('=inactive', '=activating'))).toBe(true)
  })

  test('probe and scripts are POSIX sh', () => {
    const task = service({ name: 'getty@tty1', state: 'restarted', settle: 2500 })
    expectToParse(task)
    expect(applied(task, dead)).toContain('tsp_unit_settled getty@tty1.service 2.5')
  })
})

test('names', () => {
  expect(service({ name: 'haproxy' }).id).toBe('haproxy.service')
  expect(service({ name: 'fstrim.timer' }).id).toBe('fstrim.timer')
  expect(service({ name: String.raw`dev-disk-by\x2duuid.swap` }).id).toBe(String.raw`dev-disk-by\x2duuid.swap`)
  for (const name of ['', '-f', '../x', 'a b', '*', 'a/b', '$(x)']) expect(() => service({ name }), name).toThrow('no name of a systemd unit')
})

test('a masked unit that should run is refused', () => {
  expect(() => service({ name: 'x', masked: true, state: 'running' })).toThrow('neither started nor enabled')
  expect(() => service({ name: 'x', masked: true, enabled: true })).toThrow('neither started nor enabled')
})

test('an answer without the properties is not understood', () => {
  expect(() => plan(service({ name: 'x', enabled: true }), 'LoadState=loaded\n')).toThrow('systemctl show gave no ActiveState')
})
