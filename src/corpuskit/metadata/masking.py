"""Masking of personal data: edits of a phase of their own after cleaning, and what must not be told about them.

A placeholder (``[email]``) stands where the data stood. The edits are composed with those of cleaning into one ledger,
so that law 1 holds as for any other; inside a build the ledger keeps what it removed. Outside, nobody shall read it:
the *private* spans of a raw text are those of personal data, wherever it stood, also in a line that cleaning removed
as a whole, and what is published of them is blotted out.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpuskit import text as positions
from corpuskit.metadata.pii import KINDS, find
from corpuskit.metadata.record import Metadata, Person
from corpuskit.model import Candidate, Cleaned, Edit
from corpuskit.patterns import later

__all__ = ["BLOT", "Masked", "blotted", "counts", "mask", "mask_address", "mask_fields", "mask_text", "private_spans"]

#: What stands, once for each code point, where personal data is not shown.
BLOT = "█"

#: How far the format alone confirms a find; none of these is calibrated, for there is no labelled set of personal data.
_CONFIDENCE = {"email": 0.99, "iban": 0.999, "ip": 0.95, "phone": 0.9}
_NAMES = {"email": "an e-mail address", "iban": "an IBAN", "ip": "an IP address", "phone": "a phone number"}
_PLACEHOLDER = later(rf"\s?[<(]?\[(?:{'|'.join(KINDS)})\][)>]?")
_ESCAPED_AT = later("%40")
_ADDRESSES = ("url", "site")  # of these, numbers are a part


@dataclass(frozen=True, slots=True)
class Masked:
    """A cleaned text without the personal data, and the spans of the raw text that nobody shall read."""

    cleaned: Cleaned
    private: tuple[tuple[int, int], ...]  #: sorted and disjoint


def mask(raw: str, cleaned: Cleaned, kinds: Sequence[str]) -> Masked:
    """Return `cleaned` with the personal data of `kinds` in its text replaced by placeholders.

    What cleaning extracted, and the evidence of its edits, are masked as well. Raises `LawError` when the account
    does not add up, which is a defect of corpuskit.
    """
    wanted = tuple(kinds)
    ledger, text = cleaned.ledger, cleaned.text
    while found := find(text, wanted):  # what a placeholder uncovers is found in the next round
        outer = [
            Edit(
                f"pii.any.{one.kind}", one.start, one.end, text[one.start : one.end], f"[{one.kind}]",
                _NAMES[one.kind], _CONFIDENCE[one.kind],
            )
            for one in found
        ]  # fmt: skip
        ledger = positions.compose(raw, ledger, outer)
        text = positions.apply(raw, ledger)
    positions.check(raw, text, ledger)
    private = private_spans(raw, ledger, wanted)
    if private:
        ledger = tuple(replace(edit, evidence=mask_text(edit.evidence, wanted)) for edit in ledger)
    extracted = tuple(_candidate(one, wanted) for one in cleaned.candidates)
    return Masked(replace(cleaned, text=text, ledger=ledger, candidates=extracted), private)


def private_spans(raw: str, ledger: Sequence[Edit], kinds: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the spans of `raw` that hold personal data: masked, or in what an edit removed, also behind entities."""
    spans = [(edit.start, edit.end) for edit in ledger if edit.rule.startswith("pii.")]
    left = raw
    while found := find(left, tuple(kinds)):  # "+49 30 901820-11(555) 010-9988": one find hides the next
        spans += [(one.start, one.end) for one in found]
        left = blotted(left, 0, [(one.start, one.end) for one in found])
    for edit in ledger:
        if "&" in edit.removed and find(html.unescape(edit.removed), tuple(kinds)):
            spans.append((edit.start, edit.end))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def blotted(removed: str, start: int, private: Sequence[tuple[int, int]]) -> str:
    """Return the raw text `removed`, which begins at `start`, with what is private in it blotted out."""
    for low, high in private:
        a, b = max(0, low - start), min(len(removed), high - start)
        if a < b:
            removed = removed[:a] + BLOT * (b - a) + removed[b:]
    return removed


def counts(ledger: Sequence[Edit]) -> dict[str, int]:
    """Return how many finds of each kind the edits of `ledger` mask."""
    masked = [edit.rule.rpartition(".")[2] for edit in ledger if edit.rule.startswith("pii.")]
    return {kind: masked.count(kind) for kind in KINDS}


def mask_text(text: str, kinds: Sequence[str]) -> str:
    """Return `text` with placeholders for the personal data in it."""
    while found := find(text, tuple(kinds)):
        for one in reversed(found):
            text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text


def mask_address(text: str, kinds: Sequence[str]) -> str:
    """Return a web address or a file's path without e-mail addresses, also spelt with %40; numbers are a part of it."""
    wanted = [kind for kind in kinds if kind == "email"]
    plain = _ESCAPED_AT.sub("@", text)
    return mask_text(plain, wanted) if wanted and "@" in plain and find(plain, tuple(wanted)) else text


def _candidate(one: Candidate, kinds: Sequence[str]) -> Candidate:
    masked = mask_address if one.field in _ADDRESSES else mask_text
    return replace(one, value=masked(one.value, kinds), evidence=masked(one.evidence, kinds))


def mask_fields(found: Metadata, kinds: Sequence[str]) -> Metadata:
    """Return metadata that tells no personal data of `kinds` besides names; a name that was an address alone goes."""

    def people(crew: tuple[Person, ...]) -> tuple[Person, ...]:
        named = [replace(one, name=_PLACEHOLDER.sub("", mask_text(one.name, kinds)).strip()) for one in crew]
        return tuple(one for one in named if one.name)

    def text(value: str | None) -> str | None:
        return mask_text(value, kinds) if value else value

    return replace(
        found,
        title=text(found.title),
        authors=people(found.authors),
        editors=people(found.editors),
        contributors=people(found.contributors),
        image_credits=tuple(mask_text(one, kinds) for one in found.image_credits),
        license_evidence=text(found.license_evidence),
        publisher=text(found.publisher),
        url=mask_address(found.url, kinds) if found.url else found.url,
        candidates=tuple(_candidate(one, kinds) for one in found.candidates),
        conflicts=tuple(
            replace(one, chosen=mask_text(one.chosen, kinds), others=tuple(mask_text(it, kinds) for it in one.others))
            for one in found.conflicts
        ),
    )
