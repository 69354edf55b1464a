"""The ways to clean a text that are compared, and the run of one of them over a labelled set.

Nothing here is measured on texts that the cleaner was fitted to: see `folds` for how the line model is kept from
the documents that it has seen.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from baselines import BASELINES
from corpuskit.cleaning import Options, clean_batch
from scoring import Counts, Gold, count, load

__all__ = ["OURS", "Way", "measure", "outputs"]

OURS = "corpuskit"
_BATCH = 64     # documents that share the calls to the matcher
_PORTION = 96   # documents of a task


@dataclass(frozen=True, slots=True)
class Way:
    """One way to clean: corpuskit with a setting of its dial, or a baseline by its name."""

    name: str = OURS
    threshold: str | float = "standard"


def outputs(way: Way, documents: Sequence[Gold]) -> list[str]:
    """Return the text that is left of each document."""
    if way.name != OURS:
        return [BASELINES[way.name](one.text) for one in documents]
    options = Options(threshold=way.threshold, model=False)
    texts = [one.text for one in documents]
    return [
        cleaned.text
        for start in range(0, len(texts), _BATCH)
        for cleaned in clean_batch(texts[start : start + _BATCH], options)
    ]


def _portion(name: str, ways: Sequence[Way], start: int) -> list[list[Counts]]:
    documents = load(name)[start : start + _PORTION]
    seen: dict[tuple[str, str], Counts] = {}  # most documents come out the same at two settings of the dial
    result = []
    for way in ways:
        texts = outputs(way, documents)
        result.append(
            [
                seen.get((gold.id, text)) or seen.setdefault((gold.id, text), count(gold, text))
                for gold, text in zip(documents, texts, strict=True)
            ]
        )
    return result


def measure(names: Sequence[str], ways: Sequence[Way], workers: int = 1) -> dict[tuple[str, Way], list[Counts]]:
    """Return what each of `ways` makes of the documents of each set in `names`, in the order of its file."""
    tasks = [(name, start) for name in names for start in range(0, len(load(name)), _PORTION)]
    if workers == 1:
        done = [_portion(name, ways, start) for name, start in tasks]
    else:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            futures = [pool.submit(_portion, name, ways, start) for name, start in tasks]
            done = [future.result() for future in futures]
    table: dict[tuple[str, Way], list[Counts]] = {(name, way): [] for name in names for way in ways}
    for (name, _), portion in zip(tasks, done, strict=True):
        for way, counts in zip(ways, portion, strict=True):
            table[name, way] += counts
    return table
