"""Makes the encrypted messages of this folder, see README.md."""

import hashlib
import json
import os
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwcrypto import jwe, jwk
from jwcrypto.common import base64url_encode as text

plain = open("plain.json", "rb").read()
pem = open("../demo-keys/receiver.pub.pem", "rb").read()
key = jwk.JWK.from_pem(pem)
header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key.thumbprint()}


def write(name, value):
    open(name, "w").write(value)


def made(recipient=key, beside=None, **changed):
    return jwe.JWE(
        plain,
        None if beside else json.dumps(header | changed),
        header=beside,
        recipient=recipient,
        algs=["RSA-OAEP-256", "RSA-OAEP", "A256GCM", "A128GCM"],
    )


write("compact.jwe", made().serialize(compact=True))
write("flattened.json", made().serialize())
write("headed.json", made(beside=json.dumps(header)).serialize())
write("oaep-sha1.jwe", made(alg="RSA-OAEP").serialize(compact=True))
write("a128gcm.jwe", made(enc="A128GCM").serialize(compact=True))
write("zipped.jwe", made(zip="DEF").serialize(compact=True))
other = jwk.JWK.from_pem(open("../demo-keys/other.pub.pem", "rb").read())
write("other-key.jwe", made(other).serialize(compact=True))

# The header is authenticated although it is not protected.
public = load_pem_public_key(pem)
content_key, iv = os.urandom(32), os.urandom(12)
compact = json.dumps(header, separators=(",", ":"))
sealed = AESGCM(content_key).encrypt(iv, plain, text(compact).encode())
oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
parts = {"encrypted_key": public.encrypt(content_key, oaep), "iv": iv}
parts |= {"ciphertext": sealed[:-16], "tag": sealed[-16:]}
write("headed-aad.json", json.dumps({"header": header} | {k: text(v) for k, v in parts.items()}))


# Everything that is drawn follows from a text.
def take(purpose):
    of = b"".join(len(p).to_bytes(8, "big") + p for p in [purpose, open("derived.txt", "rb").read(), plain])
    return hashlib.sha256(of).digest()


def masked(data, seed):
    chunks = range(0, len(data), 32)
    mask = b"".join(hashlib.sha256(seed + (i // 32).to_bytes(4, "big")).digest() for i in chunks)
    return bytes(a ^ b for a, b in zip(data, mask))


numbers = public.public_numbers()
content_key, iv, seed = take(b"content key"), take(b"iv")[:12], take(b"padding")
label = hashlib.sha256(b"").digest()
block = masked(label + bytes(public.key_size // 8 - 98) + b"\1" + content_key, seed)
block = b"\0" + masked(seed, block) + block
encrypted_key = pow(int.from_bytes(block, "big"), numbers.e, numbers.n).to_bytes(public.key_size // 8, "big")
protected = text(compact)
sealed = AESGCM(content_key).encrypt(iv, plain, protected.encode())
derived = ".".join([protected] + [text(b) for b in [encrypted_key, iv, sealed[:-16], sealed[-16:]]])
write("derived.jwe", derived)
check = jwe.JWE()
check.deserialize(derived, jwk.JWK.from_pem(open("../demo-keys/receiver.key.pem", "rb").read()))
assert check.payload == plain
