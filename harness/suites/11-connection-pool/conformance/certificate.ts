/**
 * A certificate for 127.0.0.1 that nobody trusts but who is told to. The key is public, and good for nothing else.
 *
 *     openssl ecparam -name prime256v1 -genkey -noout -out key.pem
 *     openssl req -x509 -new -key key.pem -days 36500 -subj '/CN=wirekata test' \\
 *       -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -out cert.pem
 */
export const key = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBmjbhSHTCJPBUbYmqNSO5cgcJMnonuxEKs3Ju1fpfFpoAoGCCqGSM49
AwEHoUQDQgAEY32S7H3f/JK2/0MkuhvYsNiCSy+qkh4ixRVexBtVZ5VzEcquOCUG
qb7Ws47TjaG72CqKm9GzsxCcos6SSdxc7g==
-----END EC PRIVATE KEY-----
`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBozCCAUmgAwIBAgIUUzg11Kt8dUVzsNnnAyoSDYE8xEQwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNd2lyZWthdGEgdGVzdDAgFw0yNjExMjIxMTE1MjVaGA8yMTI2
MTAyOTExMTUyNVowGDEWMBQGA1UEAwwNd2lyZWthdGEgdGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABGN9kux93/yStv9DJLob2LDYgksvqpIeIsUVXsQbVWeV
cxHKrjglBqm+1rOO042hu9gqipvRs7MQnKLOkkncXO6jbzBtMB0GA1UdDgQWBBSa
vY6RbdsicbTsduzTAtKHAi5qiTAfBgNVHSMEGDAWgBSavY6RbdsicbTsduzTAtKH
Ai5qiTAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAA
ATAKBggqhkjOPQQDAgNIADBFAiEAwSdLV2Qb8Fp7JZORUreVOo5XrxXJU8RVQWEs
wi94PUgCIE/V2pjlHrfECyMQBfQHahj48vuAv3wDjkSJeFlkSbeC
-----END CERTIFICATE-----
`;
