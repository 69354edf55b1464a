"""Text that others wrote, made safe inside Markdown: titles and names of a scrape are hostile."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["cell", "count", "link", "percent", "table"]

#: Joiners of Persian and Indic scripts and of emoji: invisible, harmless, and part of the spelling.
_JOINERS = "\u200c\u200d"

_SPECIAL = re.compile(r"[\\`*_{}\[\]~$#!|@]")

#: Addresses that can stand in a link without any escaping; all others are shown and not linked.
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/%+-]*)?"
)


def cell(text: str, limit: int = 80) -> str:
    """Return `text` as one line that Markdown and HTML show as it is; longer than `limit` code points is cut.

    Nothing in it opens a tag, a link, a heading, a rule, a table column, a code span, an entity or a formula,
    and no control or direction character passes.
    """
    line = " ".join(text.split())
    line = "".join(
        c for c in line if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    line = _SPECIAL.sub(r"\\\g<0>", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = line.replace("://", "\\://").replace("www.", "www\\.")  # else the address becomes a link
    if line[:1] in ("-", "+", "=", ":"):  # a cell of dashes would be a rule or a table's second row
        line = "\\" + line
    return re.sub(r"^(\d{1,9})([.)])", r"\1\\\2", line)


def link(url: str, limit: int = 80) -> str:
    """Return an address as a link when it is a plain one, else as text."""
    if _PLAIN_URL.fullmatch(url) and len(url) <= limit:
        return f"<{url}>"
    return cell(url, limit)


def count(number: int) -> str:
    """Return a number with commas."""
    return f"{number:,}"


def percent(part: int, whole: int) -> str:
    """Return a share with one decimal, empty when there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; columns whose head ends in ``>`` are set to the right. Cells must be safe."""
    heads = [name.removesuffix(">") for name in head]
    marks = ["---:" if name.endswith(">") else "---" for name in head]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, marks, *rows)) + "\n"
