"""Cuts header and message out of `envelope.json` as they stand there, see README.md."""

import json

text = open("envelope.json").read()


def member(name):
    start = text.index(f'"{name}": ') + len(name) + 4
    _, end = json.JSONDecoder().raw_decode(text[start:])
    return text[start : start + end]


open("covered.txt", "w").write(member("header") + member("message"))
