"""The title of a text, where one of its first lines is one; None where the text opens with prose.

The lines above the first paragraph compete in a conditional logit model of a few signs: above all whether the
words of the line come back in the body, then its place, length, punctuation and neighbours. The weights were
fitted on the articles of the residue set (`benchmarks/metadata.py --fit-title` fits them again and prints the
scores out of fold); the threshold is set for precision: a missing title costs less than a menu entry taken
for one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.layout import Layout
from corpuskit.metadata.lexicon import Lexicon, alternatives
from corpuskit.metadata.names import unglue
from corpuskit.metadata.people import people

__all__ = ["FEATURES", "SEARCHED", "Title", "features", "title"]

SEARCHED = 14  # lines above the first paragraph that are looked at
_LEAD = 1_500  # characters of its beginning
_BODY = 12_000  # characters of the body that the words of a line are looked for in

FEATURES = (
    "bias", "overlap", "stems", "short", "long", "full_stop", "two_sentences", "place", "near", "first",
    "capitals", "small_start", "bar", "repeated", "before_byline", "furniture", "marked", "after_furniture",
    "question", "opened_by_list", "often", "lead", "contained", "contains", "capitalised", "alone",
    "first_before_byline", "lead_and_first", "below_sentence", "central", "central_stems",
    "below_candidate", "above_candidate", "longer_than_above", "colon",
)  # fmt: skip
_WEIGHTS = (
    -0.36, 0.19, 0.85, -1.92, -1.77, -3.35, -0.37, -1.07, -0.03, 0.09, -1.54, -0.72,
    -1.46, 0.11, 0.71, -1.58, -2.3, -0.71, -0.58, -0.99, 0.65, 1.36, 1.14, -0.87,
    -0.02, -0.95, -0.03, 0.08, 0.46, 0.03, 0.63, -1.03, 0.08, 0.56, 0.65,
)  # fmt: skip
_THRESHOLD = 0.9

_MARKS = re.compile(r"^#{1,3}\s+|^\d{1,2}/\d{1,2}(?=[^\W\d_])|^\|\s?|\s?\|$")
_ENDING = re.compile(r"\s[/|–-]\s(?:[^\W\d_]{3,9}\.?\s)?(?:19|20)\d\d$")
_TOKEN = re.compile(r"[^\W\d_]{4,}|[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]{2}|\d{2,}")
_FURNITURE = re.compile(
    r"(?:share|teilen|partager|compartir|subscribe|sign up|sign in|log in|login|menu|search|suche|home|"
    r"advertisement|anzeige|skip to|cookie|follow us|"
    r"newsletter|zum inhalt|courtesy|your membership|stream|read more|mehr|kontakt|contact|zurück|back to|"
    r"únete|listen|watch)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title and the line it is."""

    value: str
    start: int
    end: int
    confidence: float


def title(page: Layout, words: Lexicon, taken: frozenset[int] = frozenset()) -> Title | None:
    """Return the title of a text, or None.

    `taken` are the starts of lines known to be something else: bylines, credits, lines that cleaning removed.
    """
    found = features(page, words, taken)
    weighed = [
        math.exp(max(min(sum(weight * sign for weight, sign in zip(_WEIGHTS, signs, strict=True)), 30.0), -30.0))
        for _, signs in found
    ]
    if not weighed:
        return None
    # The lines compete with each other and with "none of them", whose weight is 1.
    best = max(range(len(weighed)), key=lambda at: (weighed[at], -at))
    chance = weighed[best] / (1.0 + sum(weighed))
    if chance < _THRESHOLD:
        return None
    line = page.lines[found[best][0]]
    return Title(_bare(line.text), line.start, line.end, round(chance, 3))


def features(page: Layout, words: Lexicon, taken: frozenset[int]) -> list[tuple[int, tuple[float, ...]]]:
    """Return the signs (in the order of `FEATURES`) of each line that may be the title, with its index."""
    if not page.lines or page.first == 0:
        return []
    top = page.lines[: min(page.first, SEARCHED)]
    counts: dict[str, int] = {}
    spread: dict[str, int] = {}
    lead: set[str] = set()
    read = 0
    for line in page.lines[page.first :]:
        stems = [token[:5] for token in _TOKEN.findall(line.text[:4000].lower())]
        for stem in stems:
            counts[stem] = counts.get(stem, 0) + 1
        for stem in dict.fromkeys(stems):
            spread[stem] = spread.get(stem, 0) + 1
        if read < _LEAD:
            lead.update(stems)
        read += len(line.text)
        if read > _BODY:
            break
    furniture = [line.start in taken or _furniture(line.text, words) for line in top]
    candidates = [at for at, _ in enumerate(top) if not furniture[at]]
    lowered = [line.text.lower() for line in page.lines]
    found: list[tuple[int, tuple[float, ...]]] = []
    for at, line in enumerate(top):
        text = _bare(line.text)
        if line.start in taken or len(text) < 3 or len(text) > 260:
            continue
        own = list(dict.fromkeys(token[:5] for token in _TOKEN.findall(text.lower()) if token not in words.stop))
        met = sum(stem in counts for stem in own)
        often = sum(counts.get(stem, 0) > 1 for stem in own)
        tokens = text.split()
        led = sum(stem in lead for stem in own) / len(own) if own else 0.0
        size = len(tokens) if " " in text.strip() or text.isascii() else max(1, len(text) // 3)
        above = len(top[at - 1].text.split()) if at and not furniture[at - 1] else 0
        signs = (
            1.0,
            met / len(own) if own else 0.0,
            min(met, 6) / 6,
            float(size <= 2),
            float(size >= 25),
            float(text.endswith(".") and not text.endswith("...")),
            float(bool(re.search(r"[^\W\d_]{3}[.!]\s+[^\W\d_]", text))),
            min(at, 10) / 10,
            1.0 / (len(top) - at),
            float(bool(candidates) and at == candidates[0]),
            float(text.isupper()),
            float(text[0].islower()),
            float(" | " in text or "›" in text or " > " in text or "•" in text),
            float(lowered.count(line.text.lower()) > 1),
            float(at + 1 < len(top) and furniture[at + 1]),
            float(furniture[at]),
            float(
                text.startswith(("-", "•", "*", "©", "@", "http", "|", "(", "<", "+", ">", "www.", "["))
                or text.endswith((":", ",", ";", "|", "-"))
            ),
            float(at > 0 and furniture[at - 1]),
            float(text.endswith(("?", "!"))),
            float(bool(re.match(r"\d{1,2}\.\s", text)) and not re.match(r"1\.\s", text)),
            often / len(own) if own else 0.0,
            led,
            float(any(lowered[at].strip() in other and other != lowered[at] for other in lowered[:SEARCHED])),
            float(
                any(len(other) > 15 and other in lowered[at] and other != lowered[at] for other in lowered[:SEARCHED])
            ),
            sum(token[:1].isupper() for token in tokens) / len(tokens),
            float(len(top) == 1),
            float(at + 1 < len(top) and furniture[at + 1] and bool(candidates) and at == candidates[0]),
            led * float(bool(candidates) and at == candidates[0]),
            float(at + 1 < len(page.lines) and page.lines[at + 1].text.endswith((".", "?", "!", "”", '"', "…"))),
            sum(spread.get(stem, 0) >= 3 for stem in own) / len(own) if own else 0.0,
            min(sum(spread.get(stem, 0) >= 3 for stem in own), 4) / 4,
            float(above > 2),
            float(at + 1 < len(top) and not furniture[at + 1] and len(top[at + 1].text.split()) > 2),
            float(above > 2 and size > 1.5 * above),
            float(": " in text or " – " in text or " - " in text or " — " in text),
        )
        found.append((at, signs))
    return found


def _bare(text: str) -> str:
    """A headline without what extractors and templates put around it.

    Markdown's marks, a table's bars, the counter of a slide show ("01/7The garden"), a date or a site name
    behind a bar or slash; a kicker of up to three words that is glued to it ("National marchUnions show
    strength").
    """
    text = _MARKS.sub("", text).strip()
    head, bar, tail = text.rpartition(" | ")
    if bar and len(tail.split()) <= 3 and len(head.split()) >= 4 and not re.search(r"\d", tail):
        text = head.strip()
    text = _ENDING.sub("", text)
    parts = unglue(text).split("‖")
    if len(parts) == 2 and len(parts[1].split()) >= 4 and len(parts[0]) > 3:
        text = parts[1] if len(parts[0].split()) <= 3 else " ".join(parts)
    quoted = re.fullmatch(r"([\"„“«»].{3,80}[\"“”»«])([A-ZÀ-Þ].+)", text)
    return f"{quoted[1]} {quoted[2]}" if quoted else text


@cache
def _labelled(words: Lexicon) -> re.Pattern[str]:
    labels = alternatives(label for label in words.published | words.modified if len(label) > 4)
    credit = alternatives(words.credit)
    return re.compile(rf"(?:{labels})(?!\w)|(?:(?:all\s)?(?:{credit}))\s?:", re.IGNORECASE)


def _furniture(text: str, words: Lexicon) -> bool:
    """Whether a line is a date, a byline, a label, a menu entry rather than a headline."""
    tokens = text.split()
    low = [token.strip(".,:;!?()|").lower() for token in tokens]
    dates = written(text, words)
    if dates or clock(text):
        rest = text
        for start, end in sorted([(date.start, date.end) for date in dates] + clock(text), reverse=True):
            rest = rest[:start] + " " + rest[end:]
        if len(re.findall(r"[^\W\d_]{3,}", rest)) <= 4:
            return True
    if len(tokens) <= 9 and (
        _labelled(words).match(text) or re.split(r"[|:\s]", text.lower().strip(" |:"))[-1] in words.published
    ):
        return True
    if (
        low[:1]
        and low[0] in words.by
        and len(tokens) <= 8
        and tokens[1:2]
        and tokens[1][:1].isupper()
        and people(text, words)
    ):
        return True
    if len(tokens) <= 5 and any(token in words.reading for token in low) and any(token.isdigit() for token in low):
        return True
    if len(tokens) == 1 and low[0] in words.stop:
        return True
    return len(tokens) <= 9 and bool(_FURNITURE.match(text))
