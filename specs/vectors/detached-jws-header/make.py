"""Makes the signatures of this folder, see README.md."""

import json
from jwcrypto import jwk, jws

PEM = open("../demo-keys/sender.key.pem", "rb").read()
PUBLIC = open("../demo-keys/sender.pub.pem", "rb").read()
BODY = open("body.json", "rb").read()


def signed(key, algorithm, kid, body, **more):
    made = jws.JWS(body)
    made.allowed_algs = [algorithm]
    made.add_signature(key, algorithm, json.dumps({"alg": algorithm, "kid": kid} | more, separators=(",", ":")))
    return made


def detached(key, algorithm, kid, body, **more):
    made = signed(key, algorithm, kid, body, **more)
    made.detach_payload()
    return made.serialize(compact=True)


sender = jwk.JWK.from_pem(PEM)
other = jwk.JWK.from_pem(open("../demo-keys/other.key.pem", "rb").read())
secret = jwk.JWK(kty="oct", k=jws.base64url_encode(PUBLIC))
kid = sender.thumbprint()
for name, text in {
    "valid": detached(sender, "RS256", kid, BODY),
    "attached": signed(sender, "RS256", kid, BODY).serialize(compact=True),
    "other-body": detached(sender, "RS256", kid, json.dumps(json.loads(BODY)).encode()),
    "other-key": detached(other, "RS256", other.thumbprint(), BODY),
    "unencoded": detached(sender, "RS256", kid, BODY, b64=False, crit=["b64"]),
    "hs256": detached(secret, "HS256", kid, BODY),
    "rs384": detached(sender, "RS384", kid, BODY),
}.items():
    open(f"{name}.jws", "w").write(text)
