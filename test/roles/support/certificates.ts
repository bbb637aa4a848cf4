/** Certificates made for these tests; nothing was ever signed by them and their keys were thrown away. */
export const caPem = `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUNddS8rQj4RnaqVrlBhTMG+LGD/0wCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjMwNDA5MzhaGA8yMTI2MTAz
MDA0MDkzOFowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABBv0kRCj8si4i12Kq7MzWoi4n8LdjvFLYoa/TOZN8K88dKPTNv+h
++VYGVPV6Xfa+LcfVvnO8/wPBhxgxehlTL2jUzBRMB0GA1UdDgQWBBRb5+dw94sk
w7HjvTM/VlarWN3jgTAfBgNVHSMEGDAWgBRb5+dw94skw7HjvTM/VlarWN3jgTAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQD5RBHVHhlRlJZ/uCuj
V5XnbVN5t/d6EeQ1da8kihlnJwIgb6s4qYecPut4jHIJ/9iNFlbA/Qxy3agZwm4u
fyb0Kuw=
-----END CERTIFICATE-----
`
/** Of `caPem`, as `openssl x509 -pubkey | openssl pkey -pubin -outform der | sha256sum` says. */
export const caHashOfPem = 'sha256:17f991fa16063ab26f5796cdf81d814233b0c7d0d5c25f78b95a1f19bf1e0d46'
/** Valid until 2027-11-23T04:09:38Z. */
export const clientPem = `-----BEGIN CERTIFICATE-----
MIIBtjCCAV2gAwIBAgIUVak9k9mYnEh8antSP0jrPWeKFS4wCgYIKoZIzj0EAwIw
MTEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMRgwFgYDVQQDDA9zeXN0ZW06bm9kZTpj
cDEwHhcNMjYxMTIzMDQwOTM4WhcNMjcxMTIzMDQwOTM4WjAxMRUwEwYDVQQKDAxz
eXN0ZW06bm9kZXMxGDAWBgNVBAMMD3N5c3RlbTpub2RlOmNwMTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABP2/BnfopoN0RtNzvnrZos5v4KQ3hL3k8j3CXYfQOT94
uUuo91KrfPDOjWyC9kOKfT469YzQOwDwvNvm6kOJ2pijUzBRMB0GA1UdDgQWBBTe
yVov77CtR8PGgDuIU1MD+o3YDTAfBgNVHSMEGDAWgBTeyVov77CtR8PGgDuIU1MD
+o3YDTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCICA53XbP1UIe
IkPyPbxdwP+VXjti4Cf+3YP5otyUDHC3AiATD3dnO6CPwzS9fkKEWK04Ytc10ynw
6uVCgJ+QEpZyKg==
-----END CERTIFICATE-----
`
export const clientExpires = Date.parse('2027-11-23T04:09:38Z') / 1000

/** As the probes print it: on one line. */
export const onOneLine = (pem: string): string => pem.replaceAll('\n', '')
