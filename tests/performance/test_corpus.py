"""The corpus for timing is the same for everyone who has the same prose."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """benchmarks/perf/corpus.py as a module."""
    path = Path(__file__).parents[2] / "benchmarks" / "perf" / "corpus.py"
    spec = importlib.util.spec_from_file_location("perf_corpus", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


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


def test_the_same_prose_makes_the_same_corpus(maker: ModuleType, prose: Path) -> None:
    """Two runs give the same documents, in the same order, with the same gold."""
    assert maker.make(100, [prose]) == maker.make(100, [prose])


def test_the_corpus_holds_the_shares_that_it_promises(maker: ModuleType, prose: Path) -> None:
    """Of a hundred documents ten are foreign, fifteen near copies and five exact ones, each naming its original."""
    documents, gold = maker.make(100, [prose])
    kinds = Counter(one["kind"] for one in gold)
    texts = {one["id"]: one["text"] for one in documents}
    assert (15, 5) == (kinds["near"], kinds["exact"])
    assert 10 == sum(one["language"] == "de" for one in gold)
    assert [True] * 5 == [texts[one["id"]] == texts[one["of"]] for one in gold if one["kind"] == "exact"]


def test_too_little_prose_is_said(maker: ModuleType, prose: Path) -> None:
    """A corpus that the prose cannot fill is refused, with what is there and what is needed."""
    with pytest.raises(ValueError, match="are needed"):
        maker.make(100_000, [prose])
