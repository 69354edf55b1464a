"""Cleaning: raw text in, clean text and the ledger of every change out.

    repair.py      broken encoding, line by line, before anything else looks at the text
    facts.py       what is known about the lines, frozen before the first cut
    rules/         rules as data (data/<family>/<language>.toml) and the engine that matches them
    detectors/     what a pattern on one line cannot say
    templates.py   lines that a source repeats: the list (slots.py, sightings.py, learning.py make it)
    page.py        one document in the middle of being cleaned
    phases.py      the one way through; decides, edits and proves the account
    options.py     the `[clean]` table
"""

from __future__ import annotations

from collections.abc import Sequence

from corpuskit.cleaning.options import Options
from corpuskit.cleaning.phases import Owner, cleaner
from corpuskit.cleaning.templates import Templates
from corpuskit.model import Cleaned

__all__ = ["Options", "Owner", "Templates", "clean", "clean_batch"]


def clean_batch(
    texts: Sequence[str],
    options: Options | None = None,
    owners: Sequence[Owner] | None = None,
    templates: Templates | None = None,
) -> list[Cleaned]:
    """Return what cleaning makes of each raw text; documents of a batch do not see each other.

    `owners` says for each text which source it comes from; lines that `templates` name for that source go.
    """
    return cleaner(options or Options()).clean(texts, owners, templates)


def clean(text: str, options: Options | None = None) -> Cleaned:
    """Return what cleaning makes of one raw text: the batch of one."""
    return clean_batch([text], options)[0]
