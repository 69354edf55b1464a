"""The corpus for timing is the same for everyone who has the same prose."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import combinations
from pathlib import Path

import articles
import corpus
import pytest


@pytest.fixture(scope="module")
def prose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of made-up manuals in English and German."""
    root = tmp_path_factory.mktemp("prose")
    draw = random.Random(3)
    words = [f"{a}{b}" for a in ("har", "mel", "tor", "ves", "qui") for b in ("bour", "lin", "dan", "sok", "ret")]
    for folder, files in (("guide/en", 60), ("guide/de", 20)):
        (root / folder).mkdir(parents=True)
        for number in range(files):
            paragraphs = (" ".join(draw.choices(words, k=60)) + "." for _ in range(30))
            (root / folder / f"{number:03d}.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    return root


def test_the_same_prose_makes_the_same_corpus(prose: Path) -> None:
    """Two runs give the same documents, in the same order, with the same gold."""
    assert corpus.make(100, articles.cut([prose])) == corpus.make(100, articles.cut([prose]))


def test_the_corpus_holds_the_shares_that_it_promises(prose: Path) -> None:
    """Of a hundred documents ten are foreign, fifteen near copies and five exact ones, each naming its original."""
    documents, gold = corpus.make(100, articles.cut([prose]))
    kinds = Counter(one["kind"] for one in gold)
    texts = {one["id"]: one["text"] for one in documents}
    assert (15, 5) == (kinds["near"], kinds["exact"])
    assert 10 == sum(one["language"] == "de" for one in gold)
    assert [True] * 5 == [texts[one["id"]] == texts[one["of"]] for one in gold if one["kind"] == "exact"]


def test_it_is_written_in_three_forms_with_its_pairs_the_same_bytes_each_time(prose: Path, tmp_path: Path) -> None:
    """JSON Lines, Parquet and single files hold the same texts; each copy is paired with its original; two runs agree."""
    import pyarrow.parquet as pq

    first, second = tmp_path / "first", tmp_path / "second"
    for out in (first, second):
        corpus.write(out, [corpus.make(100, articles.cut([prose]))], ("jsonl", "parquet", "txt"))
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert [(first / name).read_bytes() for name in files] == [(second / name).read_bytes() for name in files]
    lines = [line for path in sorted((first / "jsonl").iterdir()) for line in path.read_text("utf-8").splitlines()]
    texts = {one["id"]: one["text"] for one in map(json.loads, lines)}
    rows = [row for path in sorted((first / "parquet").iterdir()) for row in pq.read_table(path).to_pylist()]
    assert texts == {row["id"]: row["text"] for row in rows}
    assert texts == {path.stem: path.read_text("utf-8") for path in (first / "txt").rglob("*.txt")}
    pairs = pq.read_table(first / "pairs.parquet").to_pylist()
    assert Counter(near=15, exact=5) == Counter(pair["kind"] for pair in pairs)
    assert all(0.01 <= pair["rate"] <= 0.10 for pair in pairs if pair["kind"] == "near")


def test_a_larger_corpus_begins_with_the_smaller_one_and_holds_the_same_shares(
    prose: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Block after block: the first is the corpus of that size, each has its shares, and its copies have their originals there."""
    import pyarrow.parquet as pq

    monkeypatch.setattr(corpus, "_BLOCK", 100)
    corpus.write(tmp_path / "one", corpus.blocks(100, lambda: articles.cut([prose])), ("jsonl",))
    said = corpus.write(tmp_path / "more", corpus.blocks(250, lambda: articles.cut([prose])), ("jsonl", "parquet"))
    first = sorted((tmp_path / "one" / "jsonl").iterdir())
    files = sorted((tmp_path / "more" / "jsonl").iterdir())
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in files[: len(first)]]
    documents = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    assert said["documents"] == 250
    assert [f"doc-{row:07d}" for row in range(250)] == [one["id"] for one in documents]
    rows = [row for path in sorted((tmp_path / "more" / "parquet").iterdir()) for row in pq.read_table(path).to_pylist()]
    assert documents == rows
    gold = pq.read_table(tmp_path / "more" / "gold.parquet").to_pylist()
    assert [one["id"] for one in documents] == [one["id"] for one in gold]
    for start, size in ((0, 100), (100, 100), (200, 50)):
        block = gold[start : start + size]
        kinds = Counter(one["kind"] for one in block)
        assert (size * 15 // 100, size // 20, size // 10) == (
            kinds["near"], kinds["exact"], sum(one["language"] == "de" for one in block),
        )  # fmt: skip
        assert {one["of"] for one in block if one["of"]} <= {one["id"] for one in block}
    texts = {one["id"]: one["text"] for one in documents}
    assert all(texts[one["id"]] == texts[one["of"]] for one in gold if one["kind"] == "exact")


def test_a_smaller_corpus_in_the_same_folder_leaves_nothing_of_the_larger(
    prose: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that a smaller corpus does not have go."""
    monkeypatch.setattr(corpus, "_BLOCK", 100)
    for count in (200, 100):
        corpus.write(tmp_path, corpus.blocks(count, lambda: articles.cut([prose])), ("jsonl",))
    lines = [line for path in (tmp_path / "jsonl").iterdir() for line in path.read_text("utf-8").splitlines()]
    assert len(lines) == 100


def test_dealt_articles_have_the_shape_of_those_given_and_nothing_else_of_them(prose: Path) -> None:
    """As many of each language and source, as much text, each paragraph once; and no two articles say the same."""
    given = list(articles.cut([prose]))
    dealt, again = list(articles.deal(given, 1)), list(articles.deal(given, 2))
    assert dealt == list(articles.deal(given, 1))
    assert [one[:2] for one in given] == [one[:2] for one in dealt]
    assert sum(len(p) for one in given for p in one[2]) == pytest.approx(sum(len(p) for one in dealt for p in one[2]), rel=0.03)
    assert all(4 * max(map(len, paragraphs)) <= sum(map(len, paragraphs)) for _, _, paragraphs in dealt)
    begun = Counter(p for one in (*given, *dealt, *again) for p in one[2])
    assert set(begun.values()) == {1}
    passages = [_passages(one) for one in (*given, *dealt, *again)]
    assert max(len(a & b) / min(len(a), len(b)) for a, b in combinations(passages, 2)) < 0.5


def _passages(article: articles.Article) -> set[tuple[str, ...]]:
    words = " ".join(article[2]).split()
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def test_too_little_prose_is_said(prose: Path) -> None:
    """A corpus that the prose cannot fill is refused, with what is there and what is needed."""
    with pytest.raises(ValueError, match="are needed"):
        corpus.make(100_000, articles.cut([prose]))
