"""Makes the key sets of this folder, see README.md."""

import base64
import hashlib
import json
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


keys = []
for name, alg in [("sender", "RS256"), ("sender.ed25519", "EdDSA")]:
    key = load_pem_public_key(open(f"../demo-keys/{name}.pub.pem", "rb").read())
    if alg == "RS256":
        numbers = key.public_numbers()
        jwk = {"e": number(numbers.e), "kty": "RSA", "n": number(numbers.n)}
    else:
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": text(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}
    thumbprint = text(hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest())
    keys.append(jwk | {"kid": thumbprint, "use": "sig", "alg": alg})
json.dump({"keys": keys}, open("keys.json", "w"), indent=1)
