"""A text as long as a book is looked at in pieces: that changes no answer, and bounds what it takes."""

from __future__ import annotations

import random
import re
import tracemalloc
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import long
import numpy as np
import pyarrow as pa
import pytest

from corpuskit import words
from corpuskit.cleaning import clean_batch
from corpuskit.cleaning.facts import gather
from corpuskit.cleaning.line_model import batch, model, network, shape, shipped, ties
from corpuskit.cleaning.rules import engine
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.metadata import Request, enrich_batch
from corpuskit.metadata.signals import signals
from corpuskit.tasks import job

_ODD = (
    "", "\n", " \n \n x", "word \U0001f600 x\U00020001 あい", " " * 90 + "y 12:30 4/5" + " " * 90, "a b c",
    "TrainAcme 3B 4.Cc a.b www.x.y //z\t\t1/2", "\u200b\u200bword\ufeff", "a" + "\u0301" * 3, "„Ja“ … nein",
)  # fmt: skip


def _everything(texts: list[str]) -> list[object]:
    """What is computed from the words and characters of `texts`."""
    found = words.scan(texts)
    scores = shipped().score(texts)
    columns, rows, firsts = shipped().columns(texts)
    return [
        *(getattr(found, name).tolist() for name in words.Words.__slots__),
        columns.tobytes(), rows.tolist(), firsts.tolist(), [one.tolist() for one in scores.lines],
        gather(texts, found), signals(texts, ["en"] * len(texts)), list(map(engine.folded, texts)),
        words.unlike_re(found).tolist(), batch.kinds_of(found.points).tolist(),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_pieces_change_no_answer(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that are cut into many pieces give the words, columns, scores, facts and signals of texts looked at whole."""
    draw = random.Random(seed)
    signs = ["a", "B", " ", "\n", "1", ".", "/", ":", "é", "あ", "the ", "The ", "\t", "’"]
    short = ["".join(draw.choices(signs, k=draw.randrange(120))) for _ in range(40)]
    prose = "\n".join(islice(long.lines(seed), 160))
    batches = [[*_ODD, *short, prose], ["\n".join([prose, *short])], [" ".join([prose, *short]).replace("\n", " ")]]
    whole = list(map(_everything, batches))
    for module, name, value in (
        (words, "_PIECE", 61), (words, "_LONG", 100), (engine, "_PIECE", 7), (ties, "_MANY", 5), (network, "_LINES", 20),
        (model, "_LINES", 37), (shape, "_CHARACTERS", 40), (batch, "_MARGIN", 2),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    assert whole == list(map(_everything, batches))
    assert words.scan(batches[1]).points.dtype == np.uint16


@pytest.fixture(scope="module")
def text() -> str:
    """A text of three million characters in paragraphs."""
    parts: list[str] = []
    size = 0
    for line in long.lines():
        parts.append(line)
        size += len(line) + 1
        if size > 3e6:
            break
    return "\n".join(parts)


def _bytes_a_character(size: int, work: Callable[[], object]) -> float:
    """What Python and numpy hold at most for each character while `work` is done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / size
    finally:
        tracemalloc.stop()


def _wrapped(text: str) -> str:
    """The same text with no line longer than 72 characters: a kilobyte of columns for each would be 20 bytes a character."""
    return re.sub(r"(.{1,72})(?: |$)", r"\1\n", text, flags=re.MULTILINE)


@pytest.mark.parametrize("shaped", [str, _wrapped, lambda text: text.replace("\n", " ")], ids=["paragraphs", "wrapped", "line"])
def test_a_long_text_takes_few_bytes_a_character(
    text: str, shaped: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleaning, enriching and sketching stay below what 3 GB allow for a hundred million characters."""
    monkeypatch.setattr(model, "_LINES", 1 << 11)  # else what is there at a time is half of a text of three million
    text = shaped(text)
    clean_batch(["What is made at the first call does not count.\n"])
    enrich_batch([Request("Short.", "Short.")])
    sketch_batch(["Short."], Options())
    assert _bytes_a_character(len(text), lambda: clean_batch([text])) < 30
    assert _bytes_a_character(len(text), lambda: enrich_batch([Request(text, text)])) < 30
    assert _bytes_a_character(len(text), lambda: sketch_batch([text], Options())) < 30


def test_texts_that_are_looked_at_together_are_few_where_they_are_long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A batch is cut so that no part has more bytes of text than it may, or one text; order and rows stay."""
    monkeypatch.setattr(job, "_BYTES", 10)
    texts = ["a" * 4, "b" * 6, "c" * 30, "", "d", "é" * 6, "e"]
    rows = pa.RecordBatch.from_pydict({"id": list("1234567"), "text": texts})
    parts = [part.column("text").to_pylist() for (part,), _ in job.Job({}, tmp_path, None).steps([(rows,)])]
    assert [["a" * 4, "b" * 6], ["c" * 30], ["", "d"], ["é" * 6], ["e"]] == parts
