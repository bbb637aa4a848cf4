import { sh } from 'ts-play'

/**
 * The mark of an attempt of ours to init or join that has not ended well yet. It is written before the attempt and taken away when it ends well, or when a
 * later run finds the host healthy.
 * It is a permission and nothing else: what it permits is to clean up after ourselves without asking. No state is ever concluded from its absence.
 */
export const attemptMark = '/var/lib/ts-play/attempt'

/** Shell that leaves the mark; the folder is root's alone. */
export const markAttempt = sh`mkdir -p -m 700 /var/lib/ts-play && : >${attemptMark}`

/**
 * Shell that takes the mark away, as soon as kubeadm has ended well: a mark that outlived its attempt could one day permit to clean up a cluster
 * that people rely on.
 */
export const attemptEnded = sh`rm -f ${attemptMark}`

/**
 * Shell that keeps stdin in a private file for as long as a command runs, under the name `$config`: kubeadm takes its configuration from files only,
 * and this one may hold a token.
 */
export const configFromStdin = sh`umask 077
config=$(mktemp -p /run ts-play-kubeadm.XXXXXX)
trap 'rm -f "$config"' EXIT
trap 'exit 130' HUP INT TERM
cat >"$config"
umask 022`
