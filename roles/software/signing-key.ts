/** The key that signs pkgs.k8s.io, the same for every minor version. Its expiry is prolonged now and then, its fingerprint stays. */
export const kubernetesFingerprint = 'DE15B14486CD377B9E876E1A234654DA9A296436'
