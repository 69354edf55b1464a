"""Which rules take residue, and which take words of the article.

    python benchmarks/blame.py residue turku           one line per rule, the most harmful first
    python benchmarks/blame.py residue --show promo    and what rules named so took of the article

Without names of sets, all of them. Words count as in `scoring`; where a rule cuts a part of a line, its words are
the line's label unless the line has labelled parts, then theirs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaners import OURS, Way, cleaned
from corpuskit.model import Edit
from corpuskit.text import lines
from scoring import BENCH_SETS, Gold, load, words

__all__ = ["Taken", "main", "taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one edit took from one line."""

    rule: str
    document: str
    text: str
    good: int      #: words of the article
    residue: int   #: words of residue


def taken(gold: Gold, ledger: Sequence[Edit]) -> Iterator[Taken]:
    """Yield what each edit of `ledger` took from the scored lines of `gold`, line by line."""
    for number, (start, end) in enumerate(lines(gold.text)):
        if not gold.scored[number]:
            continue
        marked = Counter(
            word
            for word, label in zip(gold.words[number], gold.labels[number], strict=True)
            if label is not None
        )
        for edit in ledger:
            if edit.start < end and start < edit.end:
                text = gold.text[max(start, edit.start) : min(end, edit.end)]
                found = Counter(words(text)) - Counter(words(edit.inserted))
                residue = (found & marked).total()
                yield Taken(edit.rule, gold.id, text.strip(), found.total() - residue, residue)


def main(arguments: Sequence[str]) -> int:
    """Parse the command line and print."""
    parser = argparse.ArgumentParser(description="Say which rules take what.")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"gold, {', '.join(BENCH_SETS)}")
    parser.add_argument("--threshold", default="standard", help="setting of the dial, or a confidence")
    parser.add_argument("--show", default=None, metavar="RULE", help="print what rules with this in their id took")
    options = parser.parse_args(arguments)
    setting = options.threshold
    way = Way(OURS, float(setting) if setting.replace(".", "").isdigit() else setting)
    good: Counter[str] = Counter()
    residue: Counter[str] = Counter()
    documents: dict[str, set[str]] = defaultdict(set)
    for name in options.sets or ("gold", *BENCH_SETS):
        loaded = load(name)
        for gold, result in zip(loaded, cleaned(way, loaded), strict=True):
            for one in taken(gold, result.ledger):
                good[one.rule] += one.good
                residue[one.rule] += one.residue
                documents[one.rule].add(gold.id)
                if options.show is not None and options.show in one.rule and one.good:
                    print(f"{name} {one.document} [{one.rule}] {one.text[:300]!r}")
    print(f"{'rule':44} {'good words':>10} {'residue':>8} {'documents':>9}")
    for rule in sorted(documents, key=lambda rule: (-good[rule], -residue[rule], rule)):
        print(f"{rule:44} {good[rule]:10} {residue[rule]:8} {len(documents[rule]):9}")
    print(f"{'all':44} {good.total():10} {residue.total():8}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
