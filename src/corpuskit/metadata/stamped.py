"""Names beside a date: "Tex Hollywood - December 21, 2023", "Posted on 3 May 2024 by inkpot"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from corpuskit.metadata.bare import STAFF, agency_line
from corpuskit.metadata.dates import DATED, TIMED, clock, written
from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives
from corpuskit.metadata.names import AGENCIES, known, unglue
from corpuskit.metadata.people import people
from corpuskit.metadata.record import Byline, Person
from corpuskit.patterns import later

__all__ = ["NOBODY", "dated"]

_RELATIVE = later(
    r"\b\d{1,3}\s?(?:min(?:ute)?s?|hours?|days?|weeks?|months?|min\.)(?!\w)(?:\s(?:ago|read))?|"
    r"(?<=[a-z])0\d{2}\smins?\b",
    re.IGNORECASE,
)
_ASIDE = later(r"[A-Z]{2,4}T?|[\w-]+\.(?:com|org|net|de|co\.uk|in)|[A-Z]{3}", re.IGNORECASE)
#: Accounts that no person signs with.
NOBODY = frozenset(
    ("admin", "administrator", "webmaster", "root", "user", "guest", "gast", "anonymous", "anonym", "unknown")
)


def dated(block: Sequence[Line], page: Layout, words: Lexicon) -> list[Byline]:
    """Lines that hold a name and a date and little else: "Tex Hollywood - December 21, 2023"."""
    found = []
    for at, line in enumerate(block[: page.first + 4]):
        if not line.hints & _STAMPED or len(line.text) > 120:
            continue
        text = unglue(line.text).replace("‖", " ‖ ")
        spans = [(date.start, date.end) for date in written(text, words)] + clock(text)
        spans = spans or [match.span() for match in _RELATIVE.finditer(text)]
        low = text.strip(" |").lower()
        labelled = low.startswith(_stamps(words)) and any(token.lower() in words.by for token in text.split())
        if not spans and not labelled and not low.endswith(_stamps(words)):
            continue
        rest = text
        for start, end in sorted(spans, reverse=True):
            rest = rest[:start] + " " + rest[end:]
        tokens = [token.strip(":,|‖·•/-–") for token in rest.split()]
        tokens = [token for token in tokens if token]
        opened = any(token.lower() in words.by for token in tokens)
        if not 1 <= len(tokens) <= 10:
            continue
        significant = [
            token
            for token in tokens
            if not any(token.lower() in some for some in (words.published, words.modified, words.by))
            and not _ASIDE.fullmatch(token)
        ]
        complete = any(date.value for date in written(text, words))
        after = next((place for place, token in enumerate(tokens) if token.lower() in words.by), -1)
        named = f"by {' '.join(tokens[after + 1 :])}" if labelled and after >= 0 else line.text
        crew = [
            person for person in people(named, words) if opened or " " in person.name or person.kind == "organisation"
        ]
        if labelled and not crew:
            crew = _pen_name(text, words)
        size = sum(len(person.name.split()) for person in crew)
        alone = size >= len(significant)
        under = 0 < at <= 5 and (len(page.lines[at - 1].text.split()) >= 4 or (complete and at <= 3))
        for person in crew:
            tokens = person.name.split()
            if person.kind == "organisation" and (not opened or len(tokens) == 1):
                agency = agency_line(person.name) or any(
                    part.lower() in AGENCIES or part.lower() in STAFF for token in tokens for part in token.split("-")
                )
                plain = agency and alone and len(tokens) <= 3
            elif not opened and not known(person.name):
                # An unknown name, alone with a date under the headline: "Lairenlakpam Warli / Apr 16, 2026,
                # 14:04 IST".
                shaped = len(tokens) in (2, 3) and all(token[0].isupper() for token in tokens)
                plain = alone and under and shaped and not any(token.lower() in words.stop for token in tokens)
            else:
                plain = True
            if not plain:
                continue
            sure = opened or known(person.name)
            found.append(Byline(person, "dated", line.start, line.end, 0.85 if sure else 0.75))
    return found


@cache
def _signature(words: Lexicon) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?i:{alternatives(words.by)})\s+(?P<name>[^\W_][\w.-]{{2,29}}(?:\s[^\W\d_]{{2,20}})?)\s*(?:$|[|·•,(‖/])"
    )


def _pen_name(text: str, words: Lexicon) -> list[Person]:
    """The pen name behind a stamp: "Posted on 3 May 2024 by inkpot | 2 comments", "written by jane doe · 3 replies"."""
    match = _signature(words).search(text)
    tokens = match["name"].split() if match else []
    low = {token.lower() for token in tokens}
    if not tokens or low & NOBODY or any(
        low & some for some in (words.stop, words.jobs, words.places, words.organisations)
    ):
        return []
    return [Person(" ".join(tokens))] if len(tokens) == 1 or known(" ".join(tokens)) else []


@cache
def _stamps(words: Lexicon) -> tuple[str, ...]:
    return tuple(sorted(label for label in words.published | words.modified if len(label) > 4))


def _stamped(words: Lexicon) -> str:
    return rf"(?i:{alternatives(_stamps(words))})[ |]*$"


_STAMPED = (
    hint(lambda words: rf"(?i:[ |]*{alternatives(_stamps(words))})", "start")
    | hint(_stamped, "end")
    | hint(lambda _: f"(?i:{_RELATIVE.pattern})", "digits")
    | DATED
    | TIMED
)
