/** Where a pod's interface comes from: a bridge of the node, addresses from the node's own range. Written for the plugins of containernetworking. */
export function conflist(podRange: string): string {
  const config = {
    cniVersion: '1.0.0',
    name: 'bridge',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}
