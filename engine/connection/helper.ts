/** Helper texts of one shell: each is sent once and known by its number after. */
export interface HelperNumbers {
  get(text: string): number | undefined
}

/** The sh text that sources a helper, unless it is the one in force or did not arrive. */
export function sourced(helper: number): string {
  return `[ "$_t_h" = ${helper} ] || [ -s "$_t_d/h.${helper}.bad" ] || { . "$_t_d/h.${helper}"; _t_h=${helper}; }; `
}
