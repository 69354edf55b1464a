"""Time the rules against the same patterns in Python's `re`, and cleaning against its own least.

    python benchmarks/perf/matching.py [--unseen ~/.cache/corpuskit-benchmark/corpora/10000/jsonl]

Over the lines of the gold set: all rules by the engine, and by `re` pattern after pattern (folded and trimmed lines of
the rules' lengths, as the engine gives them to its patterns; that hits are the same is the tests' business). Then the
whole of cleaning, ledger and line model included, beside repair and matching alone. CPU seconds, the least of three.

Texts that are looked at again and again find all states of the automata made. `--unseen` names a folder of JSON Lines with
the column `text`, of which each is looked at once, as in a build: batches in turn by repair and matching alone and by all of
cleaning.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from corpuskit.process import settle

settle()  # as the processes of a build do, before anything large is imported

from loops import GOLD  # noqa: E402

from corpuskit.cleaning import clean_batch  # noqa: E402
from corpuskit.cleaning.phases import cleaner  # noqa: E402
from corpuskit.cleaning.repair import repair  # noqa: E402
from corpuskit.cleaning.rules.engine import folded, trimmed  # noqa: E402
from corpuskit.cleaning.rules.pattern import source  # noqa: E402

_BATCH = 256  # documents, as a build takes them
_WARM = 8  # batches before the first that counts


def least(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of three."""
    took = []
    for _ in range(3):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def _least_work(docs: Sequence[str]) -> None:
    """What cleaning cannot do without: repair where a text asks for it, and the rules on all lines."""
    for text in docs:
        repair(text)
    lines = [line for text in docs for line in text.split("\n") if line and not line.isspace()]
    cleaner().matcher.match(lines)


def _on_unseen(folder: Path) -> None:
    """Print what texts cost that are looked at for the first time."""
    texts = [json.loads(line)["text"] for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    random.Random(0).shuffle(texts)  # copies stand side by side
    took, count = [0.0, 0.0], [0, 0]
    for number, start in enumerate(range(0, len(texts), _BATCH)):
        batch = texts[start : start + _BATCH]
        begun = time.process_time()
        (clean_batch if number % 2 else _least_work)(batch)
        if number >= _WARM:
            took[number % 2] += time.process_time() - begun
            count[number % 2] += len(batch)
    floor, whole = (1000 * seconds / documents for seconds, documents in zip(took, count, strict=True))
    print(f"{sum(count)} documents never seen before, half of them each")
    print(f"repair and matching      {floor:8.3f} ms a document")
    print(f"the whole of cleaning    {whole:8.3f} ms a document   {whole / floor:.1f} times")


def main() -> None:
    """Print the two ratios, of texts seen before and of unseen ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unseen", type=Path, metavar="FOLDER", help="of JSON Lines: look at these instead, each once")
    if folder := parser.parse_args().unseen:
        _on_unseen(folder)
        return
    docs = ["\n".join(json.loads(line)["lines"]) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    lines = [line for text in docs for line in text.split("\n") if line and not line.isspace()]
    rules = cleaner().matcher.rules
    matcher = cleaner().matcher
    patterns: list[tuple[re.Pattern[str], int]] = []
    unknown = 0
    warnings.simplefilter("ignore", FutureWarning)  # "[[" means nothing to `re` yet
    for rule in rules.rules:
        for pattern in rule.patterns if rule.scope != "span" else ():
            try:
                patterns.append((re.compile(source(pattern, rule.ignore_case)), rule.max_chars))
            except re.error:  # "\\pL"
                unknown += 1
    bare = []
    for line in lines:
        text = folded(line)
        start, end = trimmed(text)
        bare.append(text[start:end])

    def by_re() -> int:
        return sum(
            bool(text) and len(text) <= most and pattern.fullmatch(text) is not None
            for text in bare
            for pattern, most in patterns
        )

    ours, slow = least(lambda: matcher.lines(lines)), least(by_re)
    print(f"{len(lines)} lines, {len(patterns)} patterns ({unknown} that `re` does not know left out)")
    print(f"rules by the engine      {ours:8.3f} s")
    print(f"the same by `re`         {slow:8.3f} s   {slow / ours:.1f} times")
    floor = least(lambda: ([repair(text) for text in docs], matcher.lines(lines), matcher.spans(lines)))
    whole = least(lambda: clean_batch(docs))
    print(f"repair and matching      {floor:8.3f} s")
    print(f"the whole of cleaning    {whole:8.3f} s   {whole / floor:.1f} times")


if __name__ == "__main__":
    main()
