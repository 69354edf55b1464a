"""The title of a text, where one of its first lines is one; None where the text opens with prose."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, given_names

__all__ = ["Title", "title"]

_SEARCHED = 12  # lines above the first paragraph that are looked at


@dataclass(frozen=True, slots=True)
class Title:
    """A title and the line it is."""

    value: str
    start: int
    end: int
    confidence: float


def title(page: Layout, words: Lexicon, taken: frozenset[int] = frozenset()) -> Title | None:
    """Return the title of a text, or None.

    `taken` are the starts of lines known to be something else (bylines, credits, lines that cleaning removed).
    The title is the first line above the first paragraph that reads like a headline: at least four words or a
    headline's length, no date, no label, no final full stop. A text whose first line is a paragraph has none.
    """
    top = page.lines[: min(page.first, _SEARCHED)]
    if page.first == 0 or not page.lines:
        return None
    best: Title | None = None
    for at, line in enumerate(top):
        if line.start in taken:
            continue
        score = _score(line, at, page, words)
        if score > 0.5 and (best is None or score > best.confidence + 0.2):
            best = Title(_bare(line.text), line.start, line.end, round(min(score, 0.95), 3))
    return best


def _bare(text: str) -> str:
    return re.sub(r"^#{1,3}\s+|^\|\s|\s\|$", "", text).strip()


def _score(line: Line, at: int, page: Layout, words: Lexicon) -> float:
    text = _bare(line.text)
    tokens = text.split()
    dense = not text.isascii() and text.count(" ") * 8 < len(text)
    if len(text) < 4 or len(text) > 220 or not text[0].isprintable():
        return 0.0
    if text.startswith(("-", "•", "*", "©", "@", "http", "|", "(", "<", "+", ">", "www.")):
        return 0.0
    if text.endswith((":", ",", ";", "-", "|", ">", "»")) and not text.endswith(("»", "›")):
        return 0.0
    if _furniture(text, tokens, words):
        return 0.0
    score = 0.4
    if len(tokens) >= 4 or (dense and len(text) >= 8):
        score += 0.3
    elif len(tokens) <= 2 and not dense:
        score -= 0.15
    if text.endswith(".") and not text.endswith("..."):
        score -= 0.35
    if re.search(r"[a-zà-ÿ]{3}\.\s[A-ZÀ-Þ]", text):
        score -= 0.3  # two sentences
    if at == 0:
        score += 0.15
    below = page.lines[at + 1] if at + 1 < len(page.lines) else None
    if below is not None and below.text == line.text:
        score += 0.1
    return score


def _furniture(text: str, tokens: list[str], words: Lexicon) -> bool:
    """Whether a line is a date, a byline, a label, a menu entry rather than a headline."""
    lowered = text.lower()
    low = [token.strip(".,:;!?()|").lower() for token in tokens]
    if len(tokens) <= 8 and (written(text, words) or clock(text)):
        rest = text
        for date in reversed(written(text, words)):
            rest = rest[: date.start] + rest[date.end :]
        if len(rest.split()) <= 4:
            return True
    if any(lowered.startswith(label) for label in words.published | words.modified if len(label) > 4) and len(tokens) <= 8:
        return True
    if low and low[0] in words.by and len(tokens) <= 6 and tokens[1:2] and tokens[1][:1].isupper() and tokens[1].lower() in given_names():
        return True
    if any(token in words.reading for token in low) and any(token.isdigit() for token in low) and len(tokens) <= 5:
        return True
    if len(tokens) <= 3 and any(token in words.stop for token in low) and text.isupper():
        return True
    return bool(re.match(r"(?:share|teilen|partager|compartir|subscribe|sign up|sign in|log in|menu|search|home|advertisement|anzeige|skip to|cookie|follow us|newsletter)\b", lowered))
