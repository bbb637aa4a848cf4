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
/** Valid until 2126-10-30T04:27:20Z: a test that reads the clock must not fail one day. */
export const clientPem = `-----BEGIN CERTIFICATE-----
MIIBuDCCAV+gAwIBAgIUZA+lQANRvFtnWyTLxIcmHIhrueYwCgYIKoZIzj0EAwIw
MTEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMRgwFgYDVQQDDA9zeXN0ZW06bm9kZTpj
cDEwIBcNMjYxMTIzMDQyNzIwWhgPMjEyNjEwMzAwNDI3MjBaMDExFTATBgNVBAoM
DHN5c3RlbTpub2RlczEYMBYGA1UEAwwPc3lzdGVtOm5vZGU6Y3AxMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEba+0zM1Vmuy8UM4ohnsVhkOII+uSB7FS15fkKycR
oDJ1dO6ar3MQ+943yiSuH6hj9eGgHcI6gAN/WpflgGNepqNTMFEwHQYDVR0OBBYE
FBwfXs6X8GdD0pGJRLEkBmmizpOAMB8GA1UdIwQYMBaAFBwfXs6X8GdD0pGJRLEk
BmmizpOAMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgNDeUUxqn
7FeEA5f9R0/QSD6ecVdJ5Lo1ZujHAZdWYjYCIEWLRXobf5rdzY7CR+8j6UuTowP4
FcbFbRj+qNsHeWIN
-----END CERTIFICATE-----
`
export const clientExpires = Date.parse('2126-10-30T04:27:20Z') / 1000

/** As the probes print it: on one line. */
export const onOneLine = (pem: string): string => pem.replaceAll('\n', '')
