/** One row of the table: what was looked at, how it is, and what to do. */
export interface Finding {
  readonly component: string
  /** `warning`: works, and somebody should know. */
  readonly state: 'ok' | 'warning' | 'failed'
  readonly found: string
  /** Empty where there is nothing to do. */
  readonly remedy: string
}

export const ok = (component: string, found: string): Finding => ({ component, state: 'ok', found, remedy: '' })
export const warning = (component: string, found: string, remedy: string): Finding => ({ component, state: 'warning', found, remedy })
export const failed = (component: string, found: string, remedy: string): Finding => ({ component, state: 'failed', found, remedy })
