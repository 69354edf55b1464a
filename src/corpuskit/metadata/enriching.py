"""One document after the other gets its fields: evidence is collected, a value of each field chosen, counts taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpuskit.metadata.candidates import Read, collect
from corpuskit.metadata.choice import Language, choose
from corpuskit.metadata.language import Guess, identify
from corpuskit.metadata.layout import layouts
from corpuskit.metadata.lexicon import lexicon
from corpuskit.metadata.options import Options
from corpuskit.metadata.record import Conflict, Metadata, Signals, SourceFacts
from corpuskit.metadata.rights import as_spdx
from corpuskit.metadata.signals import signals
from corpuskit.metadata.tags import language_code
from corpuskit.model import Candidate, Edit

__all__ = ["Request", "enrich", "enrich_batch"]


@dataclass(frozen=True, slots=True)
class Request:
    """One document for `enrich_batch`; the fields are the arguments of `enrich`."""

    raw: str
    clean: str
    ledger: Sequence[Edit] = ()
    candidates: Sequence[Candidate] = ()
    source: SourceFacts | None = None


def enrich(
    raw: str,
    clean: str,
    ledger: Sequence[Edit] = (),
    candidates: Sequence[Candidate] = (),
    source: SourceFacts | None = None,
    options: Options | None = None,
) -> Metadata:
    """Return the metadata of one document.

    `raw` is the raw text, `clean` what cleaning made of it by `ledger`. `candidates` come from the input
    (origin "given" or "page") and from cleaning rules (origin "text"). The language is that of the clean
    text.
    """
    return enrich_batch([Request(raw, clean, ledger, candidates, source)], options)[0]


def enrich_batch(requests: Sequence[Request], options: Options | None = None) -> list[Metadata]:
    """Return the metadata of each request; each depends on its own request alone."""
    options = options or Options()
    guesses = identify([request.clean or request.raw for request in requests], options)
    counts = signals([request.clean for request in requests], [guess.code for guess in guesses])
    stated = [_stated(request) for request in requests]
    languages = [language_code(one.value) if one else guess.code for one, guess in zip(stated, guesses, strict=True)]
    words = [lexicon(language or guess.code) for language, guess in zip(languages, guesses, strict=True)]
    pages = layouts([request.raw for request in requests], words)
    read = [
        Read(request.raw, page, request.ledger, request.candidates, request.source, own)
        for request, page, own in zip(requests, pages, words, strict=True)
    ]
    return [
        _enriched(*one) for one in zip(collect(read, options), guesses, languages, stated, counts, strict=True)
    ]


def _stated(request: Request) -> Candidate | None:
    """What the input says of the language; what names none does not count."""
    given = (entry for entry in request.candidates if entry.field == "language" and entry.origin == "given")
    return next((entry for entry in given if language_code(entry.value)), None)


def _enriched(
    found: Sequence[Candidate], guess: Guess, language: str | None, stated: Candidate | None, count: Signals
) -> Metadata:
    evidence = [as_spdx(one) if one.field == "license" else one for one in found]
    at = len(evidence)
    if guess.code:
        evidence.append(
            Candidate("language", guess.code, "computed", guess.method, "language.identify", confidence=guess.confidence)
        )
    conflict: tuple[Conflict, ...] = ()
    if stated and guess.code and guess.code != language:
        conflict = (Conflict("language", stated.value, (guess.code,)),)
    confidence = 1.0 if stated else guess.confidence if guess.code else 0.0
    taken = (evidence.index(stated),) if stated else (at,) if guess.code else ()
    return choose(evidence, lexicon(language), Language(language, confidence, guess.shares, taken, conflict), count)
