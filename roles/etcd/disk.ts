import { raw, sh, type Command } from 'ts-play'

/** Where the measurement is kept: a disk is measured once, before etcd is on it, and not under its load. */
export const measurement = '/var/lib/ts-play/etcd-disk-latency'

/**
 * Measures how long the disk takes to make a small write durable, as etcd's log does thousands of times: 100 writes of 2300 bytes, each synchronous.
 * Fails when the slowest but one takes longer than `limit` milliseconds: with a disk like that, leaders are lost under load for no visible reason.
 *
 * @see https://etcd.io/docs/v3.6/op-guide/hardware/#disks: the 99th percentile should be below 10 ms
 */
export function measureDisk({ directory, limit }: { directory: string; limit: number }): Command {
  return sh`
    mkdir -p -m 700 ${directory} /var/lib/ts-play
    sample=$(mktemp -p ${directory} .latency.XXXXXX)
    trap 'rm -f "$sample"' EXIT
    worst=$(for each in ${raw([...Array(100).keys()].join(' '))}; do
      dd if=/dev/zero of="$sample" bs=2300 count=1 oflag=dsync conv=notrunc 2>&1 | sed -n 's/.*, \\([0-9.e-]*\\) s,.*/\\1/p'
    done | sort -g | tail -n 2 | head -n 1 | awk '{ printf "%d", $1 * 1000 }')
    rm -f "$sample"
    if [ "$worst" -gt ${limit} ]; then
      echo ${`a durable write to ${directory} takes`} "$worst" ${`ms, and etcd needs less than ${limit} (variable etcdDiskLimit)`} >&2
      exit 1
    fi
    echo "$worst ms" >${measurement}`
}
