"""Optional formats: what each needs, and the one command that installs it."""

from __future__ import annotations

from importlib.util import find_spec

from corpuskit.sources.decoding import Trouble

__all__ = ["EXTRAS", "missing"]

#: Extra to the modules it brings.
EXTRAS = {"html": ("trafilatura", "lxml"), "pdf": ("pypdf",)}


def missing(extra: str) -> Trouble | None:
    """Return the trouble of an extra that is not installed, or None when it is."""
    if all(find_spec(module) for module in EXTRAS[extra]):
        return None
    return Trouble(
        "missing-extra",
        -1,
        f"Reading this format needs the extra {extra!r}, which is not installed.",
        f"pip install 'corpuskit[{extra}]'",
    )
