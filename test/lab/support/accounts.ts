import type { BecomeMethodName } from '../../../engine/model/host.ts'
import type { Lab } from '../lab.ts'
import { must } from './must.ts'

/** An account of the matrix: who logs in, and how that account becomes another. */
export interface Account {
  readonly name: string
  readonly login: string
  /** `undefined`: the login user itself is who is wanted. */
  readonly method: BecomeMethodName | undefined
  /** Whose password is asked for; `undefined` where none is. */
  readonly asks: 'its own' | "the other user's" | undefined
  /** Debian package that the account cannot do without. */
  readonly needs?: string
}

export const ACCOUNTS: readonly Account[] = [
  { name: 'root', login: 'root', method: undefined, asks: undefined },
  { name: 'sudo with a password', login: 'sudoer', method: 'sudo', asks: 'its own' },
  { name: 'sudo NOPASSWD', login: 'trusted', method: 'sudo', asks: undefined },
  { name: 'sudo in a terminal only', login: 'ttyonly', method: 'sudo', asks: 'its own' },
  { name: 'sudo-rs', login: 'rusty', method: 'sudo', asks: 'its own', needs: 'sudo-rs' },
  { name: 'su', login: 'suer', method: 'su', asks: "the other user's" },
  { name: 'doas with a password', login: 'doer', method: 'doas', asks: 'its own' },
  { name: 'doas nopass', login: 'permitted', method: 'doas', asks: undefined },
]

/** Login shells by account; `app` is the other ordinary user. */
export const SHELLS = { 'in-dash': '/bin/dash', 'in-bash': '/bin/bash', 'in-ash': '/usr/local/bin/ash', 'in-mksh': '/bin/mksh', 'in-fish': '/usr/bin/fish', 'in-csh': '/bin/tcsh' } as const

const PACKAGES = ['opendoas', 'busybox', 'mksh', 'fish', 'tcsh', 'libpam-modules'] as const

/**
 * Makes the accounts on a host. Every password is the lab's. Each login prints a banner that asks for a password and noise with control characters, and
 * exports a variable and a PATH that another user's shell must not have; wrong passwords are counted by faillock, and a right one does not
 * make it forget.
 */
export async function makeAccounts(lab: Lab, host: string): Promise<void> {
  const logins = ACCOUNTS.map(({ login }) => login).filter(login => login !== 'root')
  const shells = Object.entries(SHELLS)
  await must(lab, host, `set -eu
apt-get -qq update
apt-get -qq install -y ${PACKAGES.join(' ')} >/dev/null 2>&1
ln -s /bin/busybox /usr/local/bin/ash
printf '%s\\n' ${shells.map(([, shell]) => shell).join(' ')} >>/etc/shells
for who in ${logins.join(' ')} app; do useradd -m -s /bin/bash $who; done
${shells.map(([who, shell]) => `useradd -m -s ${shell} ${who}`).join('\n')}
useradd -m -s /usr/sbin/nologin in-nologin
for who in root app ${logins.join(' ')}; do printf '%s:%s\\n' $who ${lab.password}; done | chpasswd
cp /root/.ssh/authorized_keys /etc/ssh/lab_keys; chmod 644 /etc/ssh/lab_keys
printf 'AuthorizedKeysFile /etc/ssh/lab_keys\\nBanner /etc/banner\\nMatch User rusty\\n  SetEnv PATH=/opt/rs:/usr/bin:/bin\\n' >/etc/ssh/sshd_config.d/lab.conf
printf '[sudo] password for root: Password: ' >/etc/banner
cat >/etc/noise <<'NOISE'
printf 'Welcome\\n\\033]0;title\\007 nul \\000 [sudo] password for root: \\nPassword: '
printf 'doas (you@here) password: ' >&2
export EVIL=1 PATH=$HOME/evil:$PATH
NOISE
for who in ${logins.join(' ')}; do cp /etc/noise /home/$who/.bashrc; chown -R $who: /home/$who; done
cat >/etc/sudoers.d/matrix <<'SUDOERS'
Defaults lecture=always, !visiblepw
Defaults:ttyonly requiretty, use_pty
Defaults:trusted use_pty
sudoer,ttyonly,rusty ALL=(ALL) ALL
trusted,in-dash,in-bash,in-ash,in-mksh,in-fish,in-csh ALL=(ALL) NOPASSWD: ALL
SUDOERS
chmod 440 /etc/sudoers.d/matrix; visudo -cq
printf 'permit doer\\npermit nopass permitted\\n' >/etc/doas.conf; chmod 600 /etc/doas.conf
cat >/etc/pam.d/common-auth <<'PAM'
auth required pam_faillock.so preauth deny=1000
auth [success=1 default=ignore] pam_unix.so nullok
auth [default=die] pam_faillock.so authfail deny=1000
auth required pam_permit.so
PAM
systemctl restart ssh
`)
}

/** Whether the account can be had on a host; makes what it needs of it. */
export async function equip(lab: Lab, host: string, { needs }: Account): Promise<string | undefined> {
  if (needs === undefined) return undefined
  const made = await lab.exec(host, `apt-get -qq update && apt-get -qq install -y ${needs} >/dev/null 2>&1 && mkdir -p /opt/rs && ln -sf /usr/bin/${needs} /opt/rs/sudo`)
  return made.code === 0 ? undefined : `the Debian release of the lab has no package ${needs}`
}
