import { expect, test } from 'vitest'
import { lookAround } from '../../../roles/inspection/look.ts'
import { parseSeen } from '../../../roles/inspection/parse.ts'
import { syntaxError } from '../support/shell.ts'

test.each(['10.0.0.100', undefined])('the script can be read by a POSIX shell (floating address %s)', vip => {
  expect(syntaxError(lookAround(vip).text)).toBeUndefined()
})

test('a control plane of the lab, as it said it', () => {
  expect(parseSeen(`synchronized=yes
vendor=QEMU
disk=Available Mounted
disk=61234 /
disk=4000 /var/lib
listener=22 users:(("sshd",pid=12,fd=3))
listener=2379 users:(("etcd",pid=99,fd=8),("etcd",pid=99,fd=9))
listener=6443
kernel=6.1.0-40-amd64
feature=ip_set
feature=bpf
feature=overlay
feature=overlay
disabled=memory
disabled=debug
distribution=k3s
datagram=8472 
datagram=68 users:(("dhclient",pid=5,fd=6))
cni=10-flannel.conflist
nameserver=10.0.0.1
alarms={"header":{"cluster_id":"1"},"alarms":[{"memberID":"1","alarm":"NOSPACE"},{"memberID":"2","alarm":"NOSPACE"}]}
floating=52:54:00:aa:bb:cc
`)).toEqual({
    synchronized: 'yes', vendor: 'QEMU',
    disks: [{ path: '/', freeMegabytes: 61_234 }, { path: '/var/lib', freeMegabytes: 4000 }],
    listeners: [{ port: 22, program: 'sshd' }, { port: 2379, program: 'etcd' }, { port: 6443, program: undefined }],
    cniConfigurations: ['10-flannel.conflist'], kernel: { release: '6.1.0-40-amd64', features: ['ip_set', 'bpf', 'overlay'], disabled: ['memory'] }, distributions: ['k3s'], datagrams: [{ port: 8472, program: undefined }, { port: 68, program: 'dhclient' }],
    nameservers: ['10.0.0.1'], alarms: ['NOSPACE'], floating: '52:54:00:aa:bb:cc',
  })
})

test('a host without any of the tools says nothing, and that is read too', () => {
  expect(parseSeen('synchronized=\nvendor=\n')).toEqual({ synchronized: 'unknown', vendor: '', disks: [], listeners: [], cniConfigurations: [], kernel: { release: '', features: [], disabled: [] }, distributions: [], datagrams: [], nameservers: [], alarms: [], floating: undefined })
})
