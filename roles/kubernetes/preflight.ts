import { parseVersion, traitsOf } from './version.ts'

/** Checks of kubeadm to pass over: the user's, and what `allowCgroupV1` implies for versions that refuse cgroup v1. */
export function ignoredChecks(vars: { readonly kubernetesVersion: string; readonly allowCgroupV1: boolean; readonly ignorePreflightErrors: readonly string[] }): readonly string[] {
  const implied = vars.allowCgroupV1 && traitsOf(parseVersion(vars.kubernetesVersion))?.cgroupV1 === 'refused' ? ['SystemVerification'] : []
  return [...new Set([...vars.ignorePreflightErrors, ...implied])]
}
