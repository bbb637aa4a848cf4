import { secretString, z } from 'ts-play'

/*
 * Variables that several roles read. An inventory sets each once, for all; every role lists those it uses, so that a
 * misspelt one is found at load with its line.
 */

/** `v1.34.10`: exact, because two nodes with different patches are two experiments. */
export const kubernetesVersion = z
  .string()
  .regex(/^v1\.\d+\.\d+$/, 'a Kubernetes version reads v1.34.10')
  .default('v1.37.2')
  .describe('Exact version of Kubernetes, v1.MINOR.PATCH')

/** Differs from the endpoint's port only where a balancer shares its machine with a control plane. */
export const bindPort = z.int().min(1).max(65535).default(6443).describe('Port that each kube-apiserver listens on')
/** Where the floating address lives on a host; per host, because names of interfaces differ. */
export const endpointInterface = z.string().optional().describe('Interface for the floating address; default: the one that holds the host’s address')

export const clusterName = z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/).default('kubernetes').describe('Name in kubeconfigs')
export const podSubnet = z.cidrv4().default('10.244.0.0/16').describe('Addresses of pods; every node takes a /24 of it')
export const serviceSubnet = z.cidrv4().default('10.96.0.0/12').describe('Addresses of Services')


/** Where the inventory reaches a host need not be where the cluster does: a machine behind NAT, or with a network of its own for the cluster. */
export const nodeAddress = z.ipv4().optional().describe('Address of the host inside the cluster; default: the one it is reached at')

/** From 1.35 on, kubelet and kubeadm refuse cgroup v1 unless told otherwise: this tells both. It is gone with the machines that still have it. */
export const allowCgroupV1 = z.boolean().default(false).describe('Put up with cgroup v1')
export const sharedProductUuid = z.boolean().default(false).describe('The machines are containers of one machine, or of a platform without UUIDs')
export const ignorePreflightErrors = z.array(z.string()).default([]).describe('Checks of kubeadm whose errors are ignored, by name')
export const imageRepository = z.string().optional().describe('Registry for the images of Kubernetes instead of registry.k8s.io')

export const etcdDataDirectory = z.string().regex(/^\/[^\s]+$/).default('/var/lib/etcd').describe('Where etcd keeps its data: a disk of its own is best; kubeadm wants it empty')
export const restoreIdentity = secretString().optional().describe('The private half of one of the backup’s recipients (AGE-SECRET-KEY-1…), for instance !file ~/backup.key')
