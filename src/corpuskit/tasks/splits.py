"""Which split each published text goes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from corpuskit.dataset.earlier import Earlier, rows
from corpuskit.dataset.release import Step
from corpuskit.duplicates.splits import SplitOptions, assign, heirs

__all__ = ["Splits", "columns", "place", "told"]

_COLUMNS = {
    "document": ("id",),
    "author": ("id", "authors"),
    "source": ("id", "source"),
    "series": ("id", "evidence"),
}


@dataclass(frozen=True, slots=True)
class Splits:
    """The split of each text."""

    of: Mapping[str, str]  #: by id; empty when all go to train
    reasons: tuple[tuple[str, int], ...]  #: "hash", "group" or "release", and texts

    def cut(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the rows of a batch by split, each in their order."""
        if not self.of:
            yield "train", batch
            return
        names = np.array([self.of[id_] for id_ in batch.column("id").to_pylist()])
        for name in np.unique(names).tolist():
            yield name, batch.filter(pa.array(names == name))


def columns(options: SplitOptions) -> tuple[str, ...]:
    """Return the columns of the texts that `place` reads."""
    return _COLUMNS[options.by]


def place(
    texts: Iterator[Mapping[str, Any]],
    successors: Iterable[tuple[str, str]],
    releases: Sequence[Earlier],
    options: SplitOptions,
) -> Splits:
    """Return the splits of `texts`, rows with the `columns` of the options.

    A text of a release keeps the split that it has there, and what holds it takes its split: `successors` are pairs of
    a text and one that takes its place or stands beside it and says all that it says. Of several releases the last one
    counts.
    """
    shares = options.shares
    alone = dict(shares.splits)["train"] == 1.0
    inherits = options.inherit and bool(releases)
    if alone and not inherits:
        return Splits({}, ())
    ids, groups = [], []
    for row in texts:
        ids.append(row["id"])
        groups.append(_group(row, options.by))
    before: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    for release in releases if inherits else ():
        for split, batch in rows(release, columns(options)):
            for row in batch.to_pylist():
                before[row["id"]] = split
                elsewhere[row["id"]] = _group(row, options.by)
    for id_ in ids:
        elsewhere.pop(id_, None)
    inherited = heirs(successors, before, shares)
    placed = assign([*ids, *elsewhere], [*groups, *elsewhere.values()], shares, inherited)[: len(ids)]
    reasons = Counter(one.reason for one in placed)
    return Splits({id_: one.split for id_, one in zip(ids, placed, strict=True)}, tuple(sorted(reasons.items())))


def _group(row: Mapping[str, Any], by: str) -> str:
    """What must not be torn apart around a text; empty means the text alone."""
    value = ""
    if by == "author":
        value = next(iter(row["authors"] or ()), "")
    elif by == "source":
        value = row["source"] or ""
    elif by == "series":
        value = next((entry["value"] for entry in row["evidence"] or () if entry["field"] == "series"), "")
    value = " ".join(value.casefold().split())
    return f"{by}\0{value}" if value else ""


_REASONS = {
    "hash": "{} by their hash",
    "group": "{} with their group in an earlier release",
    "release": "{} as in an earlier release",
}


def told(found: Splits, options: SplitOptions) -> tuple[Step, ...]:
    """Return what the card says about the splits."""
    if not found.of:
        return ()
    what = {"document": "the id of the document", "author": "its first author", "source": "its source",
            "series": "its series"}[options.by]  # fmt: skip
    counts = ", ".join(_REASONS[reason].format(f"{count:,}") for reason, count in found.reasons)
    return (
        Step(
            "split",
            f"Each document was assigned by a stable hash of {what}: {counts}.",
            settings=tuple((name, f"{share:g}") for name, share in options.shares.splits if share),
        ),
    )
