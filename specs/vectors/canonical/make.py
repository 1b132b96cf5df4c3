"""Makes the vectors of this folder, see README.md."""

import json

values = {
    "names": {"z": 1, "a": {"b": [], "B": {}}, "é": 2, "ab": 3, "😀": 4, "\uffee": 5, "": 6},
    "texts": ['"', "\\", "/", "\n\r\t\b\f", "\x00\x1f\x7f", "Zoë", "कार्य", "😀", "\u2028", "</script>"],
    "numbers": [0, -1, 18446744073709551615, -9223372036854775808, 1.0, -0.0, 1.5, 0.1, 1e-4, 1e-5,
                1.25e-7, 1e15, 1e16, 123456789012345680.0, 1.7976931348623157e308, 5e-324],
    "words": [None, True, False],
}
json.dump(values, open("values.json", "w"), indent=1, ensure_ascii=False)
open("canonical.json", "w").write(json.dumps(values, sort_keys=True, separators=(",", ":")))
