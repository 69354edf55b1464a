"""`python -m corpuskit.cleaning.rules`: are `data/rules.json` and `data/literals.json` what the rule files say?

`--update` writes them.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from corpuskit.cleaning.rules.loader import built_in_patterns, snapshot
from corpuskit.cleaning.rules.pattern import stored


def main(arguments: list[str]) -> int:
    """Return 0 when what is stored is that of the files (or has been written), else 1."""
    folder = Path(str(files("corpuskit.cleaning.rules") / "data"))
    fresh = {
        folder / "rules.json": snapshot(),
        folder / "literals.json": stored(built_in_patterns()),
    }
    stale = [path for path, text in fresh.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--update" in arguments:
        for path in stale:
            path.write_text(fresh[path], encoding="utf-8")
    elif stale:
        names = ", ".join(path.name for path in stale)
        sys.stderr.write(f"stale: {names}; run python -m corpuskit.cleaning.rules --update\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
