"""The ways to clean a text that are compared, and the run of one of them over a labelled set.

The line model was fitted to the sets outside the repository. There every document is cleaned with the model of its
fold, which saw neither the document nor its site. The gold set was not used for fitting, so the shipped model cleans
it. In a tree without models the rules clean alone.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from copy import copy
from dataclasses import dataclass
from functools import lru_cache

from baselines import BASELINES
from corpuskit.cleaning.line_model import LineModel, shipped
from corpuskit.cleaning.options import Options
from corpuskit.cleaning.phases import Cleaner
from corpuskit.cleaning.rules.loader import load as load_rules
from corpuskit.model import Cleaned
from line_model.folds import FOLDER, fold_model
from scoring import Counts, Gold, count, load

__all__ = ["OURS", "RULES", "Way", "cleaned", "cleaner", "has_models", "measure", "outputs"]

OURS = "corpuskit"
RULES = "corpuskit's rules alone"
_BATCH = 64     # documents that share the calls to the matcher and to numpy
_PORTION = 192  # documents of a task: a worker makes the cleaners of five folds ready once


@dataclass(frozen=True, slots=True)
class Way:
    """One way to clean: corpuskit with a setting of its dial, or a baseline by its name."""

    name: str = OURS
    threshold: str | float = "standard"


def has_models() -> bool:
    """Return whether the models of the folds are there."""
    return (FOLDER / "documents.tsv").is_file()


def outputs(way: Way, documents: Sequence[Gold]) -> list[str]:
    """Return the text that is left of each document."""
    if way.name in BASELINES:
        return [BASELINES[way.name](one.text) for one in documents]
    return [one.text for one in cleaned(way, documents)]


def cleaned(way: Way, documents: Sequence[Gold]) -> list[Cleaned]:
    """Return what corpuskit makes of each document at the setting of `way`, with the model that may see it."""
    groups: dict[LineModel | None, list[int]] = {}
    for number, one in enumerate(documents):
        groups.setdefault(_model(one) if way.name == OURS else None, []).append(number)
    result: dict[int, Cleaned] = {}
    for model, numbers in groups.items():
        ready = cleaner(way.threshold, model)
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            result |= zip(batch, ready.clean([documents[number].text for number in batch]), strict=True)
    return [result[number] for number in range(len(documents))]


def _model(gold: Gold) -> LineModel | None:
    if not has_models() or not any(gold.words):  # without a word there is no fold, and nothing to score
        return None
    return shipped() if gold.set == "gold" else fold_model(gold.set, gold.id)


@lru_cache(maxsize=96)
def cleaner(threshold: str | float, model: LineModel | None) -> Cleaner:
    """Return what cleans at a setting of the dial with this line model."""
    made = copy(_ready())  # making the automata of the rules takes seconds, and they are the same for all
    made.options = Options(threshold=threshold)
    made.model = model
    return made


@lru_cache(maxsize=1)
def _ready() -> Cleaner:
    return Cleaner(load_rules(), Options())


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
            try:
                done = [future.result() for future in futures]
            except BaseException:
                pool.shutdown(cancel_futures=True)  # else the error is said when all other portions are through
                raise
    table: dict[tuple[str, Way], list[Counts]] = {(name, way): [] for name in names for way in ways}
    for (name, _), portion in zip(tasks, done, strict=True):
        for way, counts in zip(ways, portion, strict=True):
            table[name, way] += counts
    return table
