import { sh, type Command } from 'ts-play'

/**
 * `s3_put_parts FILE NAME SIZE`: what is larger than S3 takes at once, in parts that are each signed like a whole; one of them lies beside the file meanwhile. What was
 * begun and does not end well is given up, so that the storage keeps no parts that nobody sees. 10 000 parts are allowed, which is 2.5 TB.
 *
 * @param place URL of the cluster's place in the storage, up to the name
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export function inParts(place: string): Command {
  return sh`# In bytes, and in MiB.
s3_once=5368709120
s3_part=256
s3_put_parts() (
  url=${place}"$2"
  s3_ask --header "$s3_none" --request POST "$url?uploads=" || exit 1
  # What it calls the upload, as it has to stand in a URL.
  id=$(tr '<' '\\n' <"$s3_answer" | sed -n 's/^UploadId>//p' | sed 's|%|%25|g; s|+|%2B|g; s|/|%2F|g; s|=|%3D|g')
  rm -f "$s3_answer"
  [ -n "$id" ] || { s3_say "$2 was begun, and has no id"; exit 1; }
  parts=$(mktemp -d)
  give_up() {
    rm -rf "$parts"
    [ -z "$id" ] || { s3_ask --header "$s3_none" --request DELETE "$url?uploadId=$id" && rm -f "$s3_answer"; }
  }
  trap give_up EXIT
  trap 'exit 130' HUP INT TERM
  printf '<CompleteMultipartUpload>' >"$parts/list"
  number=0
  while [ $((number * s3_part * 1048576)) -lt "$3" ]; do
    dd if="$1" of="$parts/part" bs=1048576 skip=$((number * s3_part)) count="$s3_part" 2>/dev/null
    number=$((number + 1))
    sum=$(sha256sum <"$parts/part" | cut -d' ' -f1)
    s3_ask --header "x-amz-content-sha256: $sum" --dump-header "$parts/heads" --upload-file "$parts/part" "$url?partNumber=$number&uploadId=$id" || exit 1
    rm -f "$s3_answer"
    tag=$(tr -d '\\r"' <"$parts/heads" | sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' | tail -n 1)
    printf '<Part><PartNumber>%s</PartNumber><ETag>"%s"</ETag></Part>' "$number" "$tag" >>"$parts/list"
  done
  printf '</CompleteMultipartUpload>' >>"$parts/list"
  s3_ask --header "x-amz-content-sha256: $(sha256sum <"$parts/list" | cut -d' ' -f1)" --header 'content-type: application/xml' --request POST --upload-file "$parts/list" "$url?uploadId=$id" || exit 1
  # It may answer 200 and be wrong in the body all the same.
  if ! grep -q CompleteMultipartUploadResult "$s3_answer"; then s3_say "$2 was not put together: $(tr -cd '[:print:]' <"$s3_answer" | cut -c 1-300)"; rm -f "$s3_answer"; exit 1; fi
  rm -f "$s3_answer"
  id=
)`
}
