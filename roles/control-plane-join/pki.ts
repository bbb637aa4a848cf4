import { file, type Task } from 'ts-play'
import type { PkiSource } from '../outputs.ts'

/** The certificate authorities, where kubeadm looks for them before it makes its own; nothing when kubeadm brings them itself. */
export function pkiFiles(source: PkiSource): Task[] {
  if (source.by === 'upload') return []
  return source.files.map(({ path, content }) => file({ path: `/etc/kubernetes/pki/${path}`, content, mode: path.endsWith('.key') ? 0o600 : 0o644 }))
}
