"""Large files are cut between records, and what is read does not depend on the cuts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.sources import Options, Sources, cuts, discover, read


def everything(root: Path, parts: bool, size: int = 64, options: Options | None = None) -> tuple[list[object], int]:
    """All that is read of the one file below `root`, and in how many pieces."""
    options = options or Options()
    (file,) = discover(root, options)
    found = cuts(root, file, options, size) if parts else []
    pieces = [dataclasses.replace(file, part=part) for part in found] or [file]
    return [one for piece in pieces for one in read(root, piece, Sources(), options)], len(pieces)


def json_lines(path: Path) -> None:
    """Rows with blank lines, broken ones, and one that is not UTF-8, between them."""
    rows = [json.dumps({"text": f"Row {n} has a text.", "id": f"r{n}"}).encode() for n in range(40)]
    rows[7], rows[11], rows[23], rows[30] = b"", b'{"text": ', b'{"text": "caf\xe9"}', b"   "
    (path / "rows.jsonl").write_bytes(b"\n".join(rows))


def csv(path: Path) -> None:
    """Rows with line ends and commas in quotations, a broken quotation, and one with a field too many."""
    rows = ["text,title"]
    rows += [f'"Row {n} has a text,\nover two lines, with ""quotes"".",Title {n}' for n in range(30)]
    rows[9], rows[14], rows[20] = 'a "broken" one "here,b', "one,two,three", '"never closed, title'
    (path / "rows.csv").write_text("\n".join(rows) + "\n")


def cp1252(path: Path) -> None:
    """Rows of a spreadsheet in Windows-1252: the head of the file decides for all parts."""
    rows = ["text;title", *(f"Das Café Nummer {n} war schön, und blieb es.;Über {n}" for n in range(30))]
    (path / "rows.csv").write_bytes("\r\n".join(rows).encode("cp1252"))


def tsv(path: Path) -> None:
    """Tab-separated rows, the last without a line end."""
    (path / "rows.tsv").write_text("\n".join(["text\ttitle", *(f"Row {n} has a text.\tTitle {n}" for n in range(30))]))


def parquet(path: Path) -> None:
    """Many row groups, one row with null."""
    texts = [f"Row {n} has a text." if n != 9 else None for n in range(40)]
    pq.write_table(pa.table({"text": texts}), path / "rows.parquet", row_group_size=7)


@pytest.mark.parametrize("write", [json_lines, csv, cp1252, tsv, parquet])
@pytest.mark.parametrize("size", [1, 64, 500])
def test_parts_together_are_the_whole(tmp_path: Path, write: Callable[[Path], None], size: int) -> None:
    """Documents, their ids and places, and what is quarantined are the same, in the same order."""
    write(tmp_path)
    whole, _ = everything(tmp_path, parts=False)
    cut, pieces = everything(tmp_path, parts=True, size=size)
    assert pieces > 1
    assert cut == whole


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.text('ab",;\n\r\té"', max_size=12), min_size=1, max_size=30), size=st.integers(1, 40))
def test_cuts_of_hostile_csv_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], size: int
) -> None:
    """However quotations are broken, the parts read what the whole reads."""
    root = tmp_path_factory.mktemp("csv")
    (root / "rows.csv").write_bytes(("text,title\n" + "".join(f"{cell},x\n" for cell in cells)).encode())
    whole, _ = everything(root, parts=False)
    assert everything(root, parts=True, size=size)[0] == whole


def test_what_cannot_be_cut_is_read_whole(tmp_path: Path) -> None:
    """UTF-16, a byte order mark and a damaged Parquet file have no parts."""
    rows = "\n".join(json.dumps({"text": f"Row {n} has a text."}) for n in range(30))
    for number, data in enumerate((rows.encode("utf-16"), rows.encode("utf-8-sig"), b"PAR1 and no more")):
        root = tmp_path / str(number)
        root.mkdir()
        (root / ("rows.parquet" if number == 2 else "rows.jsonl")).write_bytes(data)
        assert everything(root, parts=True)[1] == 1
