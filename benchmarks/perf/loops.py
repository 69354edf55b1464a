"""The hot loops over the gold set, one after the other, for valgrind to count: see `quick.py`.

Callgrind counts from where this script turns it on, and begins a new count at each call of `getppid`, which nothing
else calls. Each loop runs once before, so that what is made at the first call is not counted; matching some times more, until the
patterns that are asked most have their automata.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from corpuskit import words
from corpuskit.cleaning import Owner, clean_batch
from corpuskit.cleaning.facts import gather
from corpuskit.cleaning.phases import cleaner
from corpuskit.cleaning.repair import repair
from corpuskit.cleaning.rules.engine import Matcher
from corpuskit.cleaning.sightings import look
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.duplicates.verify import verify
from corpuskit.metadata import Request, enrich_batch
from corpuskit.metadata.language import identify
from corpuskit.metadata.signals import signals
from corpuskit.text import apply, check, restore

GOLD = Path(__file__).resolve().parents[2] / "tests" / "gold" / "corpus.jsonl"
_WARM = 16  # times that lines are matched before it counts
EVERY = 5  # of the gold documents one in so many: all languages, and two minutes are enough


def texts() -> list[str]:
    """The documents that are measured."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    return ["\n".join(row["lines"]) for row in rows[::EVERY]]


def loops(docs: Sequence[str]) -> dict[str, Callable[[], object]]:
    """The loops by name. Each goes over all documents once."""
    owners = [Owner("gold")] * len(docs)
    cleaned = clean_batch(docs, owners=owners)
    requests = [Request(raw, one.text, one.ledger, one.candidates) for raw, one in zip(docs, cleaned, strict=True)]
    lines = [line for text in docs for line in text.split("\n") if line and not line.isspace()]
    # Cleaning has one of its own: its questions, which are fewer after each change of it, would decide which patterns get their
    # automata before the count and which within: one that was made within it counted for 15 % of matching.
    matcher = Matcher(cleaner().rules)

    def account() -> None:
        for raw, one in zip(docs, cleaned, strict=True):
            clean = apply(raw, one.ledger)
            check(raw, clean, one.ledger)
            restore(clean, one.ledger)

    return {
        "split into words": lambda: words.scan(docs),
        "repair": lambda: [repair(text) for text in docs],
        "facts of lines": lambda: gather(docs),
        "match rules": lambda: (matcher.lines(lines), matcher.spans(lines)),
        "count lines of sources": lambda: look(docs, ["gold"] * len(docs), [()] * len(docs)),
        "clean": lambda: clean_batch(docs, owners=owners),
        "account": account,
        "language": lambda: identify(docs),
        "signals": lambda: signals(docs, ["en"] * len(docs)),
        "enrich": lambda: enrich_batch(requests),
        "sketch": lambda: sketch_batch(docs),
        "compare": lambda: [verify(text, text[: len(text) // 2]) for text in docs],
    }


def main() -> None:
    """Run each loop twice, the second time for the count; print their names."""
    work = loops(texts())
    for name, loop in work.items():
        for _ in range(_WARM if name == "match rules" else 1):
            loop()
    switch = ["vgdb", f"--pid={os.getpid()}", "instrumentation"]
    subprocess.run([*switch, "on"], check=True, capture_output=True)
    for loop in work.values():
        os.getppid()
        loop()
    os.getppid()
    subprocess.run([*switch, "off"], check=True, capture_output=True)
    json.dump(list(work), sys.stdout)


if __name__ == "__main__":
    main()
