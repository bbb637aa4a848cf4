import { fileShell } from './staged-file.ts'

/**
 * Shell functions for kinds that own a small configuration file of the system.
 *
 * `tsp_put PATH [SHA256 [OWNER MODE]]`: stdin becomes the file at PATH (absolute) in one rename, root's and readable by all unless said otherwise;
 * its directory is made if need be. With a hash (it may be empty) nothing is put in place unless the whole content has arrived.
 */
export const configFileShell = `${fileShell}
tsp_put() (
  tsp_directory=\${1%/*} tsp_name=\${1##*/}
  if [ ! -d "$tsp_directory" ]; then (umask 022 && mkdir -p "$tsp_directory"); fi
  tsp_enter_for "$tsp_directory"
  tsp_stage "$tsp_name"
  cat >"./$tsp_name"
  if [ "\${2-}" ]; then tsp_verify "./$tsp_name" "$2"; fi
  tsp_dress "./$tsp_name" "\${3-0:0}" "\${4-0644}"
  tsp_commit "$tsp_name" "\${3-0:0}" "\${4-0644}"
)
`
