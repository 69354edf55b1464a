"""How many of the recorded copies of a corpus a build leaves out, and how many documents it merges that are none.

    python benchmarks/perf/pairs.py CORPUS DATASET

CORPUS is what `corpus.py` made, DATASET what a build made of it. Documents that are copies of one original, directly or
by way of it, are of one family. A recorded pair is found when both texts have the same kept document; it is seen
when dedup at least weighed it and says why both stay (config `related`). A merge is right when copy and kept document are of
one family. The near copies had 1 to 10 % of their words exchanged for random ones, left out or added: by the standard of
docs/dedup.md many of them are no copies any more, since what they say is not in the text that stays.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXACT = "exact"
_EXAMPLES = 5  # of merges that are not recorded
_STEPS = (0.01, 0.025, 0.05, 0.075, 0.10)  # shares of changed words, between which a row counts


@dataclass(frozen=True, slots=True)
class Row:
    """Recorded pairs of one kind."""

    name: str
    pairs: int
    found: int
    seen: int  #: found, or weighed and kept apart


@dataclass(frozen=True, slots=True)
class Found:
    """What became of all pairs, and of all merges."""

    rows: tuple[Row, ...]
    merges: int
    right: int
    foreign: tuple[tuple[str, str], ...]  #: some merges of documents of two families, copy and kept


def count(
    gold: Iterable[dict[str, Any]], kept: dict[str, str], related: set[frozenset[str]], left_out: set[str]
) -> Found:
    """Count, given the document that holds each copy, and the pairs that stay beside each other.

    Pairs of which one was held or filtered (`left_out`) are not counted.
    """
    gold = [one for one in gold if one["of"]]
    family = {one["id"]: one["of"] for one in gold}
    tally: dict[str, Counter[str]] = {}
    for one in gold:
        if {one["id"], one["of"]} & left_out:
            continue
        a, b = kept.get(one["id"], one["id"]), kept.get(one["of"], one["of"])
        row = tally.setdefault(_name(one), Counter())
        row["pairs"] += 1
        row["found"] += a == b
        row["seen"] += a == b or bool({frozenset((a, b)), frozenset((one["id"], one["of"]))} & related)
    wrong = tuple(sorted((a, b) for a, b in kept.items() if family.get(a, a) != family.get(b, b)))
    rows = tuple(Row(name, row["pairs"], row["found"], row["seen"]) for name, row in sorted(tally.items()))
    return Found(rows, len(kept), len(kept) - len(wrong), wrong[:_EXAMPLES])


def _name(one: dict[str, Any]) -> str:
    if one["kind"] == EXACT:
        return EXACT
    at = next((n for n in range(1, len(_STEPS) - 1) if one["rate"] < _STEPS[n]), len(_STEPS) - 1)
    return f"near, {_STEPS[at - 1]:.1%} to {_STEPS[at]:.1%} of the words changed"


def measure(corpus: Path, dataset: Path) -> Found:
    """Read what is recorded and what was built, and count. Raises `FileNotFoundError` where no dataset is."""
    import pyarrow.parquet as pq

    if not (dataset / "clusters").is_dir():  # it is there without copies, too
        raise FileNotFoundError(f"no dataset: {dataset}")
    gold = pq.read_table(corpus / "gold.parquet", filters=[("of", "!=", "")]).to_pylist()
    kept = {row["member"]: row["kept"] for row in _rows(dataset, "clusters", ("member", "kept"))}
    related = {frozenset((row["id"], row["other"])) for row in _rows(dataset, "related", ("id", "other"))}
    return count(gold, kept, related, {row["id"] for row in _rows(dataset, "dropped", ("id",))})


def _rows(dataset: Path, config: str, columns: Iterable[str]) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    paths = sorted((dataset / config).glob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path, columns=list(columns)).to_pylist()]


def show(found: Found) -> None:
    """Print the table."""
    print(f"{'recorded pairs':46}{'pairs':>8}{'merged':>9}{'weighed':>9}")
    for row in found.rows:
        print(f"{row.name:46}{row.pairs:8}{row.found / row.pairs:9.3f}{row.seen / row.pairs:9.3f}")
    share = found.right / found.merges if found.merges else 1.0
    print(f"merges of recorded copies{'':21}{found.merges:8}{share:9.4f}")
    for copy, holder in found.foreign:
        print(f"  merged and not recorded: {copy} into {holder}")


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("dataset", type=Path)
    given = parser.parse_args()
    show(measure(given.corpus, given.dataset))


if __name__ == "__main__":
    main()
