"""The corpus for timing is the same for everyone who has the same prose."""

from __future__ import annotations

import json
import random
from collections import Counter
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


def test_too_little_prose_is_said(prose: Path) -> None:
    """A corpus that the prose cannot fill is refused, with what is there and what is needed."""
    with pytest.raises(ValueError, match="are needed"):
        corpus.make(100_000, articles.cut([prose]))
