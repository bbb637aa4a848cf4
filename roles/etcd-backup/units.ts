/** What the timer runs; its output is in the journal. */
export function backupService(program: string): string {
  return `[Unit]
Description=Backup of etcd and the cluster's certificate authorities
After=network-online.target

[Service]
Type=oneshot
ExecStart=${program}
Nice=10
IOSchedulingClass=best-effort
IOSchedulingPriority=7
`
}

/** @param schedule as systemd.time(7) reads it: `hourly`, `*-*-* 03:00` */
export function backupTimer(schedule: string): string {
  return `[Unit]
Description=Backup of etcd, ${schedule}

[Timer]
OnCalendar=${schedule}
# Every control plane has this timer; they should not all read their disks at once.
RandomizedDelaySec=5m
FixedRandomDelay=true
Persistent=true

[Install]
WantedBy=timers.target
`
}
