"""What was done to one document and why, as a value: `rendering` shows it, `to_json` passes it on."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from corpuskit.model import Candidate, Edit
from corpuskit.text import apply

__all__ = ["Explanation", "Field", "escaped", "explain", "line_of", "line_starts", "to_json"]


_STATED = 0.5  # what is less sure is never chosen
_MANY = ("image_credit", "opt_out")  # fields of which every value is taken


@dataclass(frozen=True, slots=True)
class Field:
    """One metadata field: the candidate that was chosen, if any, and the others."""

    name: str
    chosen: tuple[Candidate, ...]  #: more than one for fields that are lists, such as authors
    others: tuple[Candidate, ...]

    @property
    def conflicts(self) -> tuple[str, ...]:
        """What input, page or text state otherwise than what was chosen: other values, not other spellings of it.

        A part of a chosen value (a surname, the day of a date with its time) says the same, and what nobody would have
        chosen (below half) says nothing.
        """
        from corpuskit.metadata.choice import fold

        taken = [fold(one.value) for one in self.chosen]
        if not taken or self.name in _MANY:
            return ()
        found: dict[str, str] = {}
        for one in self.others:
            key = fold(one.value)
            stated = one.origin in ("given", "page", "text") and one.confidence >= _STATED
            if key and stated and not any(key in known or known in key for known in taken):
                found.setdefault(key, one.value)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Explanation:
    """One document with everything that was done to it, and what was seen and left alone."""

    name: str  #: path or id
    raw: str
    clean: str
    ledger: tuple[Edit, ...]
    suspects: tuple[Edit, ...]  #: seen and not made, sorted by span
    fields: tuple[Field, ...]
    status: str  #: "clean" or "held"
    reason: str  #: why it is held

    @property
    def removed(self) -> int:
        """Code points of the raw text that are in no clean line any more."""
        return sum(edit.end - edit.start for edit in self.ledger)

    @property
    def inserted(self) -> int:
        """Code points that stand in their place."""
        return sum(len(edit.inserted) for edit in self.ledger)


def explain(
    raw: str,
    ledger: Sequence[Edit],
    suspects: Iterable[Edit] = (),
    *,
    name: str = "",
    chosen: Iterable[Candidate] = (),
    others: Iterable[Candidate] = (),
    status: str = "clean",
    reason: str = "",
) -> Explanation:
    """Return the explanation of one document from its raw text, ledger, suspects and field candidates.

    Raises `LawError` when the ledger does not belong to the raw text.
    """
    return Explanation(
        name,
        raw,
        apply(raw, ledger),
        tuple(ledger),
        tuple(sorted(suspects, key=lambda edit: (edit.start, edit.end, edit.rule))),
        _grouped(tuple(chosen), tuple(others)),
        status,
        reason,
    )


def _grouped(chosen: tuple[Candidate, ...], others: tuple[Candidate, ...]) -> tuple[Field, ...]:
    """Candidates by field, in the order of first appearance; of the rest the most confident first."""
    names = dict.fromkeys(candidate.field for candidate in (*chosen, *others))
    return tuple(
        Field(
            name,
            tuple(candidate for candidate in chosen if candidate.field == name),
            tuple(
                sorted(
                    (candidate for candidate in others if candidate.field == name),
                    key=lambda candidate: (-candidate.confidence, candidate.value, candidate.rule),
                )
            ),
        )
        for name in names
    )


def line_starts(raw: str) -> list[int]:
    """Return the position at which each line of `raw` begins."""
    return [0, *(match.end() for match in re.finditer("\n", raw))]


def line_of(starts: Sequence[int], position: int) -> int:
    """Return the number of the line, from 1, in which `position` stands."""
    return bisect_right(starts, position)


def to_json(explanation: Explanation) -> str:
    r"""Return the explanation as one JSON object on one line.

    Exact where the screen is readable: spans count code points of the raw text. Control, direction and
    invisible characters are written as ``\uXXXX``, so the line is safe on a terminal too.
    """
    found = explanation
    starts = line_starts(found.raw)
    value = {
        "name": found.name,
        "status": found.status,
        "reason": found.reason,
        "raw_characters": len(found.raw),
        "clean_characters": len(found.clean),
        "edits": [_edit(edit, starts) for edit in found.ledger],
        "suspects": [_edit(edit, starts) for edit in found.suspects],
        "fields": [
            {
                "field": field.name,
                "chosen": [_candidate(candidate) for candidate in field.chosen],
                "others": [_candidate(candidate) for candidate in field.others],
                "conflicts": list(field.conflicts),
            }
            for field in found.fields
        ],
        "text": found.clean,
    }
    return escaped(json.dumps(value, ensure_ascii=False))


def escaped(text: str) -> str:
    r"""Return JSON with what a terminal does not show as it is written as ``\uXXXX``."""
    return _UNSEEN.sub(_unicode_escape, text)


#: What JSON leaves as it is and a terminal does not: C1, format characters, separators, lone surrogates,
#: tags.
_UNSEEN = re.compile(
    "[\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def _unicode_escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]


def _edit(edit: Edit, starts: Sequence[int]) -> dict[str, Any]:
    return {
        "rule": edit.rule,
        "family": edit.rule.split(".", 1)[0],
        "line": line_of(starts, edit.start),
        "start": edit.start,
        "end": edit.end,
        "removed": edit.removed,
        "inserted": edit.inserted,
        "confidence": edit.confidence,
        "evidence": edit.evidence,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "value": candidate.value,
        "origin": candidate.origin,
        "evidence": candidate.evidence,
        "rule": candidate.rule,
        "start": candidate.start,
        "end": candidate.end,
        "confidence": candidate.confidence,
    }
