"""Makes the signature of this folder, see README.md."""

import base64
import hashlib
import json
from cryptography.hazmat.primitives.serialization import load_pem_private_key

created, expires = 1735689600, 1735689900
envelope = json.load(open("envelope.json"))
body = {"header": envelope["header"], "message": envelope["message"]}
canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
digest = base64.b64encode(hashlib.sha256(canonical.encode()).digest()).decode()
text = f"(created): {created}\n(expires): {expires}\ndigest: {digest}"
key = load_pem_private_key(open("../demo-keys/sender.ed25519.key.pem", "rb").read(), None)
signature = base64.b64encode(key.sign(text.encode())).decode()
field = (
    f'namespace="dci", kidId="spmis.example.org|key-1|ed25519", algorithm="ed25519", created="{created}", '
    f'expires="{expires}", headers="(created) (expires) digest", signature="{signature}"'
)
for name, content in {"digest.b64": digest, "signing-string.txt": text, "field.txt": field}.items():
    open(name, "w").write(content)
