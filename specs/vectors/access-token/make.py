"""Makes the tokens of this folder with PyJWT, see README.md."""

import jwt

key = open("../demo-keys/sender.key.pem").read()
claims = {
    "iss": "dcx-demonstration",
    "client_id": "Zoë",
    "db_name": "social",
    "iat": 1735689600,
    "exp": 1735690200.25,
}
tokens = {
    "valid": jwt.encode(claims, key, algorithm="RS256"),
    "rs384": jwt.encode(claims, key, algorithm="RS384"),
    "hs256": jwt.encode(claims, "secret" * 8, algorithm="HS256"),
    "none": jwt.encode(claims, None, algorithm="none"),
    "no-exp": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key, algorithm="RS256"),
}
for name, token in tokens.items():
    open(f"{name}.jwt", "w").write(token)
