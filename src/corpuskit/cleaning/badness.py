"""ftfy's pattern of broken encoding, without ftfy: most texts need nothing else of it, and its import takes 50 ms.

The pattern is kept as `badness.json`, written by `python -m corpuskit.cleaning.rules --update`, beside the digest of
the file of ftfy that it is from, and is passed over when another one is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

__all__ = ["pattern", "snapshot"]

_STORED = "badness.json"


def pattern() -> str:
    """Return the pattern that texts which ftfy may read again match, in the words of RE2."""
    try:
        stored = json.loads((files(__package__) / _STORED).read_bytes())
    except FileNotFoundError:
        stored = {}
    if stored.get("digest") == _digest():
        return str(stored["pattern"])
    return _translated()


def _digest() -> str:
    """Digest of the file of ftfy that has the pattern, found without importing ftfy; "" where it is not to be found."""
    found = importlib.util.find_spec("ftfy")
    for folder in (found and found.submodule_search_locations) or ():
        with suppress(OSError):
            return hashlib.sha256(Path(folder, "badness.py").read_bytes()).hexdigest()
    return ""


def _translated() -> str:
    """The pattern as ftfy has it, without the white space and comments of `re.VERBOSE`, which count inside a class only."""
    from ftfy.badness import BADNESS_RE

    parts: list[str] = []
    in_class = escaped = comment = False
    for char in BADNESS_RE.pattern:
        if comment:
            comment = char != "\n"
            continue
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        elif char == "#" and not in_class:
            comment = True
            continue
        elif char.isspace() and not in_class:
            continue
        parts.append(char)
    return "".join(parts)


def snapshot() -> str:
    """Return what `badness.json` must hold for the ftfy that is installed."""
    return json.dumps({"digest": _digest(), "pattern": _translated()}, ensure_ascii=False, indent=0) + "\n"
