/** What somebody else's manifest has to be told of this cluster. */
export interface Site {
  readonly endpoint: { readonly name: string; readonly port: number }
  readonly podSubnet: string
}
