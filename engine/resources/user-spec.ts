import type { Secret } from '../model/secret.ts'

export interface UserSpec {
  readonly name: string
  /** Default: the next free one. Changing it gives the home directory to the new id, and no other files. */
  readonly uid?: number
  /** Primary group, which has to exist. Default: one of the user's own name. */
  readonly group?: string
  /** Groups the user has to be in, which have to exist; others are left alone. */
  readonly groups?: readonly string[]
  /** Default: as useradd decides. A change does not move files. */
  readonly home?: string
  /** Whether the home directory has to exist; default true, false for system users. */
  readonly createHome?: boolean
  /** Default: as useradd decides. */
  readonly shell?: string
  /** Whether a new user gets an id below those of people; default false. */
  readonly system?: boolean
  /** A hash as crypt(5) describes (`openssl passwd -6`), or `*` for none that fits. Default: left alone; new users have none. */
  readonly password?: Secret<string>
  /** Default `present`. `absent` leaves the home directory where it is. */
  readonly state?: 'present' | 'absent'
}

/** A user as found on the host. */
export interface Account {
  readonly uid: string
  readonly group: string
  readonly groups: readonly string[]
  readonly home: string
  /** Whether the wished home directory is there. */
  readonly homeExists: boolean
  readonly shell: string
  /** Whether the password is the wished one; undefined when none is wished. */
  readonly samePassword: boolean | undefined
}
