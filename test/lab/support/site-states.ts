/** A way in which a host is not as `site.ts` wants it, and what check and run have to say of that. */
export interface State {
  readonly name: string
  /** Brings it about on a host that is as wanted, or in other ones of these states. */
  readonly drift: string
  /** Arguments of check and run. Default: without the tasks that no check can know. */
  readonly more?: readonly string[]
  /** Tasks that change, with their attributes. */
  readonly changed: readonly string[]
  /** Tasks that no check can know, and what becomes of them. */
  readonly unknown?: readonly string[]
  readonly handlers?: readonly string[]
  /** Attributes that the run finds otherwise than the check, because a task before has been at work: `title: attribute`. */
  readonly moved?: readonly string[]
}

/** A service without a unit is `not found`; once the unit is there it is only `inactive`. */
export const SERVICE_MOVED = ['service site.service: enabled', 'service site.service: state']

/** Commands whose guards look at paths, with what became of them: a package, a service or a command that changes before may do anything to a path. */
const WITH_PROGRAMS_CHANGED = ['command make it → ok', 'command clear it → ok', 'command set it → ok', 'command grow it → ok']

/** What may look at anything, with what became of it: whatever changes before may turn that. */
const WITH_ANYTHING_CHANGED = ['command note the level → ok', 'command greet → ok', 'counted /srv/settings → ok']

/** What check and run say of a host as it comes from the installer. */
export const BARE: Required<Pick<State, 'changed' | 'unknown' | 'handlers'>> = {
  changed: [
    'group web: state, gid',
    'user deploy: state, uid, group, groups, home, shell',
    'package tree: tree',
    'directory /srv/www: state, mode, owner, group',
    'file /srv/www/index.html: content, mode, owner, group',
    'file /srv/www/token: content, mode, owner',
    'symlink /srv/current: target',
    'copy /srv/copied: content, mode',
    'line-in-file /srv/settings: ^level=: content, mode',
    'hosts-entry 192.0.2.10: content',
    'sysctl net.ipv4.ip_forward: live, persisted',
    'sysctl net.core.somaxconn: live, persisted',
    'systemd-unit /etc/systemd/system/site.service: content, mode, owner, group',
    'systemd-unit /etc/systemd/system/site.service.d/10-nice.conf: content, mode, owner, group',
    'service site.service: enabled, state',
    'service systemd-tmpfiles-clean.timer: masked, state',
    'file /srv/seed: content, mode',
    'file /srv/in-block: content, mode',
    'file /srv/always: content, mode',
  ],
  unknown: ['line-in-file /srv/settings: ^debug= → ok', 'command make it → changed', 'command clear it → ok', 'command set it → changed', 'command grow it → changed', 'wait-for the index is there → ok'],
  handlers: ['command note', 'service site.service'],
}

export const STATES: readonly State[] = [
  { name: 'whose accounts an earlier run has made', drift: ':', changed: ['file /srv/deploy/own: content, mode'] },
  { name: 'where nothing differs', drift: ':', changed: [] },
  { name: 'with a line more in a file', drift: 'echo more >>/srv/www/index.html', changed: ['file /srv/www/index.html: content'], handlers: ['command note'] },
  { name: 'with a file of other mode and owner', drift: 'chmod 666 /srv/www/index.html; chown root:root /srv/www/index.html', changed: ['file /srv/www/index.html: mode, owner, group'], handlers: ['command note'] },
  { name: 'without a file', drift: 'rm -f /srv/www/index.html', changed: ['file /srv/www/index.html: content, mode, owner, group'], unknown: ['wait-for the index is there → ok'], handlers: ['command note'] },
  { name: 'with a link in the place of a file', drift: 'rm -f /srv/www/index.html; ln -s /etc/passwd /srv/www/index.html', changed: ['file /srv/www/index.html: content, mode, owner, group'], handlers: ['command note'] },
  { name: 'with a file of another user changed', drift: 'echo other >/srv/deploy/own; chown deploy: /srv/deploy/own; chmod 600 /srv/deploy/own', changed: ['file /srv/deploy/own: content, mode'] },
  { name: 'with what has to go', drift: 'touch /srv/old /srv/clutter; mkdir -p /srv/cache/deep; touch /srv/cache/deep/file; printf "debug=1\\nlevel=3\\ndebug=2\\n" >/srv/settings; id guest >/dev/null 2>&1 || useradd guest', changed: ['user guest: state', 'file /srv/old: state', 'directory /srv/cache: state', 'line-in-file /srv/settings: ^debug=: content'], unknown: ['command make it → ok', 'command clear it → changed', 'command set it → ok', 'command grow it → ok'] },
  { name: 'with a directory of another mode, a link elsewhere, a copy cut short and another secret', drift: 'mkdir -p /srv/www; chmod 700 /srv/www; ln -sfn /tmp /srv/current; echo >/srv/copied; chmod 644 /srv/copied; echo other >/srv/www/token', changed: ['directory /srv/www: mode', 'file /srv/www/token: content', 'symlink /srv/current: target', 'copy /srv/copied: content, mode'] },
  { name: 'without a whole directory', drift: 'rm -rf /srv/www', changed: ['directory /srv/www: state, mode, owner, group', 'file /srv/www/index.html: content, mode, owner, group', 'file /srv/www/token: content, mode, owner'], unknown: ['wait-for the index is there → ok'], handlers: ['command note'] },
  { name: 'with a line of another value', drift: 'echo level=2 >/srv/settings', changed: ['line-in-file /srv/settings: ^level=: content'], handlers: ['service site.service'] },
  { name: 'without the file of a line', drift: 'rm -f /srv/settings', changed: ['line-in-file /srv/settings: ^level=: content, mode'], unknown: ['line-in-file /srv/settings: ^debug= → ok'], handlers: ['service site.service'] },
  { name: 'with another address in the hosts file', drift: 'sed -i "/192.0.2.10/d" /etc/hosts; echo "192.0.2.99 api" >>/etc/hosts', changed: ['hosts-entry 192.0.2.10: content'] },
  { name: 'with kernel parameters changed live', drift: 'echo 0 >/proc/sys/net/ipv4/ip_forward; echo 4096 >/proc/sys/net/core/somaxconn', changed: ['sysctl net.ipv4.ip_forward: live', 'sysctl net.core.somaxconn: live'] },
  { name: 'with kernel parameters not persisted', drift: 'rm -f /etc/sysctl.d/99-ts-play.conf', changed: ['sysctl net.ipv4.ip_forward: persisted'] },
  { name: 'with a service stopped and disabled', drift: 'systemctl -q disable --now site 2>/dev/null || :', changed: ['service site.service: enabled, state'], unknown: [...WITH_PROGRAMS_CHANGED] },
  { name: 'with a unit changed', drift: 'echo "# changed" >>/etc/systemd/system/site.service; systemctl daemon-reload', changed: ['systemd-unit /etc/systemd/system/site.service: content'], handlers: ['service site.service'] },
  { name: 'with a unit that systemd has not read', drift: 'touch /etc/systemd/system/site.service', changed: ['systemd-unit /etc/systemd/system/site.service: daemon-reload'], unknown: ['systemd-unit /etc/systemd/system/site.service.d/10-nice.conf → ok'], handlers: ['service site.service'] },
  { name: 'without a drop-in, and with a unit too many', drift: 'rm -rf /etc/systemd/system/site.service.d; printf "[Service]\\nExecStart=/bin/true\\n" >/etc/systemd/system/gone.service; systemctl daemon-reload', changed: ['systemd-unit /etc/systemd/system/site.service.d/10-nice.conf: content, mode, owner, group', 'systemd-unit /etc/systemd/system/gone.service: state'], handlers: ['service site.service'] },
  { name: 'without the unit of a service', drift: 'systemctl -q disable --now site 2>/dev/null || :; rm -rf /etc/systemd/system/site.service /etc/systemd/system/site.service.d; systemctl daemon-reload', changed: ['systemd-unit /etc/systemd/system/site.service: content, mode, owner, group', 'systemd-unit /etc/systemd/system/site.service.d/10-nice.conf: content, mode, owner, group', 'service site.service: enabled, state'], unknown: [...WITH_PROGRAMS_CHANGED], moved: SERVICE_MOVED, handlers: ['service site.service'] },
  { name: 'with a timer unmasked', drift: 'systemctl -q unmask systemd-tmpfiles-clean.timer; systemctl start systemd-tmpfiles-clean.timer', changed: ['service systemd-tmpfiles-clean.timer: masked, state'], unknown: [...WITH_PROGRAMS_CHANGED] },
  { name: 'without a user', drift: 'userdel -f deploy 2>/dev/null || :', more: ['--skip-tags', 'derived,personal,free'], changed: ['user deploy: state, uid, group, groups, home, shell'], unknown: ['directory /srv/www → ok', 'file /srv/www/index.html → ok', 'file /srv/www/token → ok', ...WITH_PROGRAMS_CHANGED] },
  { name: 'with a user changed', drift: 'usermod -s /bin/bash -G "" deploy', changed: ['user deploy: groups, shell'] },
  { name: 'without the user and the group', drift: 'userdel -f deploy 2>/dev/null || :; groupdel web 2>/dev/null || :', more: ['--skip-tags', 'derived,personal,free'], changed: ['group web: state, gid', 'user deploy: state, uid, group, groups, home, shell'], unknown: ['directory /srv/www → ok', 'file /srv/www/index.html → ok', 'file /srv/www/token → ok', ...WITH_PROGRAMS_CHANGED] },
  { name: 'without what a file and a command have to make', drift: 'rm -f /srv/seed', changed: ['file /srv/seed: content, mode'], unknown: ['command grow it → ok'] },
  { name: 'with a unit without [Install]', drift: 'systemctl -q disable --now site 2>/dev/null || :; printf "[Service]\\nExecStart=/bin/sleep infinity\\n" >/etc/systemd/system/site.service; systemctl daemon-reload; systemctl start site', changed: ['systemd-unit /etc/systemd/system/site.service: content'], unknown: ['service site.service → changed', ...WITH_PROGRAMS_CHANGED], handlers: ['service site.service'] },
  { name: 'where a command has to run', drift: 'rm -f /srv/made; echo 6 >/srv/level', changed: ['command make it: creates /srv/made'], unknown: ['command clear it → ok', 'command set it → changed', 'command grow it → ok'] },
  { name: 'where what looks at anything was never run', drift: ':', more: ['--skip-tags', 'derived'], changed: ['command note the level: unless'], unknown: ['command greet → changed', 'counted /srv/settings → changed'] },
  { name: 'where what looks at anything is as wanted before a change, and after it', drift: 'echo level=2 >/srv/settings', more: ['--skip-tags', 'derived'], changed: ['line-in-file /srv/settings: ^level=: content'], unknown: WITH_ANYTHING_CHANGED, handlers: ['service site.service'] },
  { name: 'where a condition holds only after a change', drift: 'rm -f /srv/www/index.html /srv/greeted', more: ['--skip-tags', 'derived'], changed: ['file /srv/www/index.html: content, mode, owner, group'], unknown: ['wait-for the index is there → ok', 'command note the level → ok', 'command greet → changed', 'counted /srv/settings → ok'], handlers: ['command note'] },
  { name: 'where a guard holds only before a change', drift: 'rm -f /srv/settings; : >/srv/noted; : >/srv/settings; echo 0 >/srv/settings.count', more: ['--skip-tags', 'derived'], changed: ['line-in-file /srv/settings: ^level=: content'], unknown: ['command note the level → changed', 'command greet → ok', 'counted /srv/settings → changed'], handlers: ['service site.service'] },
  { name: 'where a swap line came back', drift: 'echo "/swap.img none swap sw 0 0" >>/etc/fstab', changed: ['swap off: fstab'] },
  { name: 'without a package', drift: 'dpkg -r tree >/dev/null', changed: ['package tree: tree'], unknown: [...WITH_PROGRAMS_CHANGED] },
  { name: 'with a package too many', drift: 'rm -rf /tmp/extra; mkdir -p /tmp/extra/DEBIAN; printf "Package: tsp-extra\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: nobody\\nDescription: extra\\n" >/tmp/extra/DEBIAN/control; dpkg-deb -b /tmp/extra /tmp/extra.deb >/dev/null; dpkg -i /tmp/extra.deb >/dev/null 2>&1', changed: ['package tsp-extra: tsp-extra'], unknown: [...WITH_PROGRAMS_CHANGED] },
  { name: 'with a file of a block changed', drift: 'echo other >/srv/in-block; rm -f /srv/always', changed: ['file /srv/in-block: content', 'file /srv/always: content, mode'] },
  { name: 'where outputs and facts are behind a change', drift: 'echo 6 >/srv/level', more: [], changed: ['command set it: unless'], unknown: ['command grow it → ok', ...WITH_ANYTHING_CHANGED, 'file /srv/derived → changed', 'command always run → changed', 'file /srv/staged → changed'] },
  { name: 'where nothing differs, and a command has no guard', drift: ':', more: [], changed: [], unknown: ['command always run → changed', 'file /srv/staged → ok'] },
]
