#!/bin/sh
# Makes the tokens of this folder with OpenSSL, see README.md.
set -eu
url() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
token() {
    covered="$(printf '%s' "$1" | url).$(printf '%s' "$2" | url)"
    printf '%s.%s' "$covered" "$(printf '%s' "$covered" | openssl dgst -"${3:-sha256}" -sign ../demo-keys/sender.key.pem | url)"
}
payload="$(python3 -c 'import json; e = json.load(open("envelope.json")); print(json.dumps({"iat": 1735689600, "message": e["message"], "header": e["header"]}), end="")')"
token '{"alg":"RS256"}' "$payload" > valid.jws
token '{"alg":"RS384"}' "$payload" sha384 > rs384.jws
token '{"alg":"RS256","crit":["exp"],"exp":1}' "$payload" > critical.jws
token '{"alg":"RS256"}' '{"header":{},"message":{}}' > other-payload.jws
printf '%s.%s.' "$(printf '{"alg":"none"}' | url)" "$(printf '%s' "$payload" | url)" > none.jws
