"""From candidates to fields: one value is taken by a written priority, the others stay visible.

The priority is: given by the input, the page's own metadata, the text, the address, computed, copies. Among
what the text says about its authors: a byline, then a name with a date, a bare name that its neighbours
confirm, a biography, a sign-off. Within one rank the more confident candidate wins, then the earlier one.
Nothing is merged or guessed: a field without a candidate is None.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from corpuskit.metadata.lexicon import Lexicon
from corpuskit.metadata.names import is_organisation
from corpuskit.metadata.people import people
from corpuskit.metadata.record import Conflict, Metadata, Person, Role, Signals
from corpuskit.model import Candidate

__all__ = ["Language", "choose", "fold"]

_ORIGINS = {"given": 0, "page": 1, "text": 2, "url": 3, "computed": 4, "copy": 5}
#: Signs of authorship in the text, the strongest first; rules of cleaning count by their family.
_SIGNS = {
    "text.byline": 0,
    "byline": 0,
    "text.dated": 1,
    "text.bare": 2,
    "text.bio": 3,
    "bio": 3,
    "text.sign-off": 4,
    "text.siglum": 5,
}
_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Language:
    """What is known of the language of a text, the positions of the candidates that say so, and who contradicts."""

    code: str | None = None
    confidence: float = 0.0
    shares: tuple[tuple[str, float], ...] = ()
    taken: tuple[int, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


@lru_cache(maxsize=4096)
def fold(value: str) -> str:
    """Return a key under which spellings of one value are equal: case, accents, quotes and blanks do not count."""
    if value.isascii():
        return " ".join(value.casefold().split()).strip(" .")
    plain = unicodedata.normalize("NFKD", value).casefold().replace("’", "'").replace("‘", "'")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split()).strip(" .")


def choose(
    candidates: Sequence[Candidate],
    words: Lexicon,
    language: Language = Language(),
    signals: Signals | None = None,
) -> Metadata:
    """Return the fields that `candidates` support, with the positions of those taken and the conflicts.

    The language is settled before, and the signals are counted; both pass into the result.
    """
    taken = set(language.taken)
    conflicts: list[Conflict] = []
    fields: dict[str, list[tuple[int, Candidate]]] = {}
    for at, entry in enumerate(candidates):
        if entry.confidence >= _LEAST and entry.value.strip():
            fields.setdefault(entry.field, []).append((at, entry))
    single = {
        field: _single(field, fields.get(field, []), taken, conflicts)
        for field in ("title", "date_published", "date_modified", "license", "url", "site", "publisher")
    }
    evidence = next((entry.evidence for at, entry in fields.get("license", []) if at in taken), None)

    def crew(role: Role) -> tuple[Person, ...]:
        return _crew(role, fields.get(role, []), words, taken, conflicts)

    return Metadata(
        title=single["title"],
        authors=crew("author"),
        editors=crew("editor"),
        contributors=(
            *crew("photographer"),
            *crew("translator"),
            *crew("contributor"),
        ),
        image_credits=_many(fields.get("image_credit", []), taken),
        date_published=single["date_published"],
        date_modified=single["date_modified"],
        language=language.code,
        language_confidence=language.confidence,
        language_shares=language.shares,
        license=single["license"],
        license_evidence=evidence,
        opt_outs=tuple(sorted(_many(fields.get("opt_out", []), taken))),
        url=single["url"],
        site=single["site"],
        publisher=single["publisher"],
        signals=signals or Signals(),
        candidates=tuple(candidates),
        chosen=tuple(sorted(taken)),
        conflicts=(*conflicts, *language.conflicts),
    )


def _rank(entry: Candidate) -> tuple[int, int]:
    sign = 0
    if entry.field == "author" and entry.origin == "text":
        sign = _SIGNS.get(entry.rule, _SIGNS.get(entry.rule.split(".", 1)[0], 0))
    return _ORIGINS[entry.origin], sign


def _single(
    field: str, found: Sequence[tuple[int, Candidate]], taken: set[int], conflicts: list[Conflict]
) -> str | None:
    if not found:
        return None
    best = min(found, key=lambda pair: (*_rank(pair[1]), -pair[1].confidence, *_order(pair[1])))
    value = best[1].value.strip()
    others: dict[str, str] = {}
    for at, entry in found:
        if fold(entry.value) == fold(value) or (field.startswith("date_") and _agree(entry.value, value)):
            taken.add(at)
        elif entry.origin in ("given", "page", "text"):
            others.setdefault(fold(entry.value), entry.value)
    if others:
        conflicts.append(Conflict(field, value, tuple(others.values())))
    return value


def _agree(one: str, other: str) -> bool:
    """Whether two dates say the same, one perhaps less of it, or by another clock: 2021-03 and 2021-03-04T20:30-05:00."""
    if one.startswith(other) or other.startswith(one):
        return True
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return False
    return bool(first.tzinfo and second.tzinfo and abs(first - second) < timedelta(minutes=1))


def _order(entry: Candidate) -> tuple[str, int]:
    # Of several unlabelled dates the earliest is the publication: the others are updates and the day of the
    # visit.
    return (entry.value if entry.field == "date_published" else "", entry.start)


def _crew(
    field: Role,
    stated: Sequence[tuple[int, Candidate]],
    words: Lexicon,
    taken: set[int],
    conflicts: list[Conflict],
) -> tuple[Person, ...]:
    if not stated:
        return ()
    people_of = {at: _named(entry, field, words) for at, entry in stated}
    found = [(at, entry) for at, entry in stated if people_of[at]]
    if not found:
        return ()
    best = min(_rank(entry) for _, entry in found)
    # Several bare names or biographies are rarely all authors: the surest speak.
    weak = best[0] == _ORIGINS["text"] and best[1] > _SIGNS["text.dated"]
    surest = max(entry.confidence for _, entry in found if _rank(entry) == best) if weak else 0.0
    if weak:  # a name that two signs point to is surer than a name with one
        signs: dict[str, set[str]] = {}
        for _, entry in found:
            signs.setdefault(fold(entry.value), set()).add(entry.rule)
        if any(len(rules) > 1 for rules in signs.values()):
            found = [(at, entry) for at, entry in found if len(signs[fold(entry.value)]) > 1]
            best = min(_rank(entry) for _, entry in found)
            surest = 0.0
    crew: dict[str, Person] = {}
    others: dict[str, str] = {}
    for at, entry in found:
        named = people_of[at]
        if _rank(entry) == best and entry.confidence >= surest:
            for person in named:
                crew.setdefault(fold(person.name), person)
            taken.add(at)
        elif entry.origin in ("given", "page", "text"):
            others.update({fold(person.name): person.name for person in named})
    for key in [key for key in crew if " " not in key]:
        # "By Dale" and "Dale Hurd" below: the fuller form of the one name.
        fuller = [name for name in others if key in (name.split()[0], name.split()[-1])]
        if len(fuller) == 1 and crew[key].kind == "person":
            crew[key] = Person(others[fuller[0]], crew[key].role)
    unheard = tuple(
        name for key, name in others.items() if not any(_same(key, fold(known.name)) for known in crew.values())
    )
    if unheard:
        conflicts.append(Conflict(field, ", ".join(person.name for person in crew.values()), unheard))
    return tuple(crew.values())


def _same(key: str, known: str) -> bool:
    """Whether one name is part of the other: "j. doe" and "jane doe" are not, "doe" and "jane doe" are."""
    return key in known or known in key


def _named(entry: Candidate, role: Role, words: Lexicon) -> tuple[Person, ...]:
    """The people that a candidate names: those found in the text are one name each, others may be a whole byline."""
    if entry.rule.startswith("text."):
        return (Person(entry.value, role, "organisation" if is_organisation(entry.value, words) else "person"),)
    found = people(entry.value, words, role) or people(f"by {entry.value}", words, role)
    if found:
        return tuple(Person(person.name, role, person.kind) for person in found)
    # What the input or a rule states is taken as it stands: a pen name ("H.C.") need not look like a name.
    value = " ".join(entry.value.split())
    return (Person(value, role),) if len(value) <= 80 else ()


def _many(found: Sequence[tuple[int, Candidate]], taken: set[int]) -> tuple[str, ...]:
    values: dict[str, str] = {}
    for at, entry in found:
        values.setdefault(fold(entry.value), entry.value.strip())
        taken.add(at)
    return tuple(values.values())
