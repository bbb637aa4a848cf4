/** What everybody who gathers facts wants to know of a host; Ansible and pyinfra have their own words for it. */
export const queries = [
  { name: 'kernel', script: 'uname -r' },
  { name: 'architecture', script: 'uname -m' },
  { name: 'hostname', script: 'hostname' },
  { name: 'release', script: 'cat /etc/os-release' },
  { name: 'memory', script: 'cat /proc/meminfo' },
  { name: 'processors', script: 'cat /proc/cpuinfo' },
  { name: 'mounts', script: 'cat /proc/mounts' },
  { name: 'addresses', script: 'ip -o address' },
  { name: 'routes', script: 'ip route' },
  { name: 'uptime', script: 'cat /proc/uptime' },
  { name: 'users', script: 'getent passwd' },
  { name: 'date', script: 'date +%s' },
] as const
