"""`python -m corpuskit.cleaning.rules`: is `data/rules.json` what the rule files say? `--update` writes it."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from corpuskit.cleaning.rules.loader import snapshot


def main(arguments: list[str]) -> int:
    """Return 0 when the stored rules are those of the files (or have been written), else 1."""
    stored = Path(str(files("corpuskit.cleaning.rules") / "data" / "rules.json"))
    fresh = snapshot()
    if stored.exists() and stored.read_text(encoding="utf-8") == fresh:
        return 0
    if "--update" in arguments:
        stored.write_text(fresh, encoding="utf-8")
        return 0
    sys.stderr.write(f"{stored} is stale: run python -m corpuskit.cleaning.rules --update\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
