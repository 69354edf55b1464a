"""Time the rules against the same patterns in Python's `re`, and cleaning against its own least.

    python benchmarks/perf/matching.py

Over the lines of the gold set: all rules by the engine, and by `re` pattern after pattern (folded and trimmed lines of
the rules' lengths, as the engine gives them to its patterns; that hits are the same is the tests' business). Then the
whole of cleaning, ledger and line model included, beside repair and matching alone. CPU seconds, the least of three.
"""

from __future__ import annotations

import json
import re
import time
import warnings
from collections.abc import Callable

from loops import GOLD

from corpuskit.cleaning import clean_batch
from corpuskit.cleaning.phases import cleaner
from corpuskit.cleaning.repair import repair
from corpuskit.cleaning.rules.engine import folded, trimmed
from corpuskit.cleaning.rules.pattern import source


def least(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of three."""
    took = []
    for _ in range(3):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def main() -> None:
    """Print the two ratios."""
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
