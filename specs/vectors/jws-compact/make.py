"""Makes `named.jws` and `hs256.jws` of this folder, see README.md."""

import json
from jwcrypto import jwk, jws

PEM = open("../demo-keys/sender.key.pem", "rb").read()
PUBLIC = open("../demo-keys/sender.pub.pem", "rb").read()

envelope = json.load(open("envelope.json"))
payload = json.dumps({name: envelope[name] for name in ("header", "message")})


def token(key, algorithm, kid):
    made = jws.JWS(payload)
    made.allowed_algs = [algorithm]
    made.add_signature(key, algorithm, json.dumps({"alg": algorithm, "kid": kid}))
    return made.serialize(compact=True)


sender = jwk.JWK.from_pem(PEM)
secret = jwk.JWK(kty="oct", k=jws.base64url_encode(PUBLIC))
open("named.jws", "w").write(token(sender, "RS256", sender.thumbprint()))
open("hs256.jws", "w").write(token(secret, "HS256", sender.thumbprint()))
