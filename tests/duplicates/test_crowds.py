"""Giant buckets: what is proposed and read grows with the texts, not with their pairs."""

from __future__ import annotations

import importlib
import random
import tracemalloc
from collections import Counter
from typing import Any

import pytest

from corpuskit.duplicates.candidates import Pairs
from corpuskit.duplicates.dedup import Deduped, dedup
from corpuskit.duplicates.options import DEFAULTS
from corpuskit.duplicates.stars import Standing
from corpuskit.duplicates.verify import Edge

VOCABULARY = [f"w{at}" for at in range(3000)]


def prose(seed: int, words: int) -> list[str]:
    """Words drawn at random: no two seeds share a passage."""
    return random.Random(seed).choices(VOCABULARY, k=words)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the pairs that are proposed and those that are read."""
    found: Counter[str] = Counter()
    module, stars = (importlib.import_module(f"corpuskit.duplicates.{name}") for name in ("dedup", "stars"))
    propose, verify = module.propose, stars.verify

    def proposing(*arguments: Any) -> Pairs:
        pairs: Pairs = propose(*arguments)
        found["proposed"] += len(pairs.later)
        found["links"] += int(pairs.bands.sum() + pairs.anchors.sum() + pairs.back.sum())
        return pairs

    def reading(*arguments: Any) -> Edge:
        found["read"] += 1
        edge: Edge = verify(*arguments)
        return edge

    monkeypatch.setattr(module, "propose", proposing)
    monkeypatch.setattr(stars, "verify", reading)
    return found


def run(texts: list[str]) -> Deduped:
    """Dedup texts that are named by their place."""
    return dedup(texts, [Standing(f"{at:06d}") for at in range(len(texts))])


def same(count: int) -> list[str]:
    """One text, over and over, in another dress each time."""
    work = prose(1, 120)
    return [" ".join(work) + "!" * (at % 7) for at in range(count)]


def framed(count: int) -> list[str]:
    """Texts of their own within one template of eighty words."""
    head, tail = prose(2, 40), prose(3, 40)
    return [" ".join([*head, *prose(1000 + at, 80), *tail]) for at in range(count)]


def crowd(count: int) -> list[str]:
    """Copies of one text, each with a line and a cut of its own."""
    work = prose(4, 150)
    return [" ".join([*prose(9000 + at, 3), *work[: 150 - at % 20]]) for at in range(count)]


@pytest.mark.parametrize(("kind", "kept"), [(same, 1), (framed, None), (crowd, 1)])
def test_pairs_grow_with_the_texts(counts: Counter[str], kind: Any, kept: int | None) -> None:
    """Of twice as many texts in one bucket twice as many pairs are linked, proposed and read, within a fifth; all pairs
    would be four times as many."""
    size = 4 * DEFAULTS.bucket
    seen = []
    for count in (size, 2 * size):
        counts.clear()
        assert len(run(kind(count)).kept) == (kept or count)
        seen.append(dict(counts))
    for what in ("links", "proposed", "read"):
        one, two = (one.get(what, 0) for one in seen)
        assert two <= 2.4 * one
    assert seen[1].get("read", 0) <= 2 * size * DEFAULTS.partners
    assert seen[1].get("proposed", 0) < (2 * size) ** 2 / 4


def versions(seed: int, count: int) -> dict[str, str]:
    """Versions of one text, each cut, added to and edited here and there, so that many of them stay beside one another."""
    draw = random.Random(seed)
    work = prose(seed, 300)
    texts = {}
    for at in range(count):
        words = list(work)
        for _ in range(draw.randint(0, 6)):
            place, size = draw.randrange(len(words)), draw.randint(1, 40)
            new = draw.choices(VOCABULARY, k=size)
            words[place : place + draw.choice((0, size, size))] = draw.choice(([], new))
        texts[f"{at:04d}"] = " ".join(words)
    return texts


@pytest.mark.parametrize("seed", range(3))
def test_in_a_crowd_a_text_that_goes_has_no_say_in_what_stays(seed: int) -> None:
    """More stay than a bucket links and a text reads, and still: once more over what stayed, or with half of the others
    taken away before, the same stay."""
    texts = versions(seed, 250)

    def kept(some: dict[str, str]) -> tuple[str, ...]:
        return dedup(list(some.values()), [Standing(id_) for id_ in some]).kept

    stay = kept(texts)
    assert len(stay) > DEFAULTS.bucket
    assert len(texts) - len(stay) > DEFAULTS.bucket
    assert stay == kept({id_: texts[id_] for id_ in stay})
    draw = random.Random(seed)
    assert stay == kept({id_: text for id_, text in texts.items() if id_ in stay or draw.random() < 0.5})


def test_equal_texts_are_never_read(counts: Counter[str]) -> None:
    """Their digest says it: three thousand of them cost no comparison and no proposal."""
    assert len(run(same(3000)).copies) == 2999
    assert counts["proposed"] == counts["read"] == 0


def test_two_books_are_compared_in_bounded_memory() -> None:
    """Two editions of a book of two megabytes: some dozen bytes for each of their characters, all steps together."""
    book = " ".join(" ".join(prose(at, 1000)) for at in range(410))
    other = f"Printed anew by another house. {book[: len(book) - 1000]}"
    assert len(book) > 2_000_000
    tracemalloc.start()
    result = run([book, other])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [copy.edge.kind for copy in result.copies] == ["near"]
    assert peak < 30 * (len(book) + len(other))
