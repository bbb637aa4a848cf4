import { sh } from 'ts-play'

/**
 * The mark of an attempt of ours to init or join that has not ended well yet. It is written before the attempt and taken away when the host is healthy.
 * It is a permission and nothing else: what it permits is to clean up after ourselves without asking. No state is ever concluded from its absence.
 */
export const attemptMark = '/var/lib/ts-play/attempt'

/** Shell that leaves the mark; the folder is root's alone. */
export const markAttempt = sh`mkdir -p /var/lib/ts-play && chmod 700 /var/lib/ts-play && : >${attemptMark}`
