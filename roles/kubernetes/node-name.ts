import { fact, sh } from 'ts-play'

/** A node's name is its machine's host name in lower case: kubelet and cloud providers expect nothing else. */
export const nodeName = fact({ name: 'node-name', query: sh`uname -n`, parse: stdout => stdout.trim().toLowerCase() })
