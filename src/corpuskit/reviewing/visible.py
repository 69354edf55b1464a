"""Hostile text made visible: no character of it reaches the terminal as a command or turns a line around."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["shorten", "visible", "width"]

#: Everything a terminal may take for a command (C0 with ESC, DEL, C1 with CSI), what reorders or breaks the
#: line (directional embeddings, overrides and isolates; line and paragraph separators), lone surrogates,
#: which cannot be printed at all, interlinear marks, and tag characters, which hide text. Tab and newline are
#: left alone.
_UNSAFE = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_KEPT = re.compile(f"[{_UNSAFE}]")

#: In what an edit removed or inserted also what cannot be seen or told from a space: it may be all there is.
_EDITED = re.compile(
    f"[{_UNSAFE}\\t\\xa0\\xad\u034f\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u202f\u205f-\u2065\u206a-\u206f\u3000"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)


def visible(text: str, *, edited: bool = False) -> str:
    r"""Return `text` with dangerous characters as ``\x1b``, ``\u202e``; with `edited` also the invisible
    ones.

    Tab (outside edits) and newline pass.
    """
    return (_EDITED if edited else _KEPT).sub(_escape, text)


def shorten(text: str, most: int) -> str:
    """Return `text` on one line, cut when it has more than `most` code points."""
    line = text.replace("\n", "⏎")
    return line if len(line) <= most else f"{line[: most - 1]}…"


def width(text: str) -> int:
    """Columns that a text takes on a terminal: two for wide characters ("渡し舟"), none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point == 9:
        return "\\t"
    if point == 13:
        return "\\r"
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
