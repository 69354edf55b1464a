"""The Parquet files: their bytes, their limits, and what is refused."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit import schemas
from corpuskit.dataset.options import Options, release_date
from corpuskit.dataset.writer import row_bytes, write_config
from corpuskit.errors import ConfigError, LawError, UsageError

from .making import batch, essay

SMALL = Options(level=1, group_rows=3, group_bytes=4_000, shard_bytes=6_000)
SCHEMA = pa.schema([("id", pa.string()), ("authors", pa.list_(pa.string())), ("text", pa.large_string())])


def table(lengths: list[int]) -> pa.Table:
    """Rows whose texts have the given lengths."""
    rows = [{"id": str(at), "authors": ["a"] * (at % 3), "text": "x" * n} for at, n in enumerate(lengths)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def train(rows: pa.Table, size: int = 1000) -> list[tuple[str, pa.RecordBatch]]:
    """The rows as batches of the split train."""
    return [("train", part) for part in rows.to_batches(max_chunksize=size)]


def content(folder: Path) -> dict[str, bytes]:
    """Each file's bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))
    }


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=30), st.integers(1, 7))
def test_bytes_do_not_depend_on_batches(lengths: list[int], size: int) -> None:
    """However the rows arrive, the same files come out, byte for byte."""
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        first = write_config(Path(one), "default", train(table(lengths)), SCHEMA, SMALL)
        second = write_config(Path(two), "default", train(table(lengths), size), SCHEMA, SMALL)
        assert content(Path(one)) == content(Path(two))
        assert first == second


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=30))
def test_groups_and_shards_keep_their_limits(lengths: list[int]) -> None:
    """Row groups and files keep to rows and bytes unless they hold one row; none is empty, no row is lost."""
    with TemporaryDirectory() as folder:
        rows = table(lengths)
        facts = write_config(Path(folder), "default", train(rows), SCHEMA, SMALL)
        assert rows == pa.concat_tables(pq.read_table(Path(folder, file.path)) for file in facts.files)
        for file in facts.files:
            with pq.ParquetFile(Path(folder, file.path)) as handle:
                groups = [handle.read_row_group(at) for at in range(handle.num_row_groups)]
            weights = [sum(int(row_bytes(part).sum()) for part in group.to_batches()) for group in groups]
            assert all(0 < group.num_rows <= SMALL.group_rows for group in groups)
            assert all(
                w <= SMALL.group_bytes or g.num_rows == 1 for g, w in zip(groups, weights, strict=True)
            )
            assert sum(weights) <= SMALL.shard_bytes or len(groups) == 1
        assert facts.bytes == sum(int(row_bytes(part).sum()) for part in rows.to_batches())


def test_facts_are_those_of_the_files(tmp_path: Path) -> None:
    """Names count the shards, and each fact can be checked on the file."""
    facts = write_config(tmp_path, "default", train(table([3_000] * 4)), SCHEMA, SMALL)
    assert [f"data/train-{at:05d}-of-00004.parquet" for at in range(4)] == [file.path for file in facts.files]
    for file in facts.files:
        data = (tmp_path / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert file.rows == pq.read_metadata(tmp_path / file.path).num_rows
    assert (("id", 0), ("authors", 2), ("text", 0)) == facts.splits[0].empty


def test_file_is_plain_and_packed(tmp_path: Path) -> None:
    """zstd, a page index, no statistics of prose, and no footer that older readers stumble over."""
    rows = batch(schemas.DATA, [essay(0, "The mill stood still.", title="The Mill")])
    facts = write_config(tmp_path, "default", [("train", rows)], schemas.DATA, Options())
    footer = pq.read_metadata(tmp_path / facts.files[0].path)
    columns = {
        footer.row_group(0).column(at).path_in_schema: footer.row_group(0).column(at)
        for at in range(footer.num_columns)
    }
    assert {"ZSTD"} == {column.compression for column in columns.values()}
    assert {b"ARROW:schema"} == set(footer.metadata)
    assert [True, False] == [columns["id"].has_column_index, columns["text"].is_stats_set]
    assert schemas.DATA.equals(pq.read_schema(tmp_path / facts.files[0].path))


def test_no_rows_no_file(tmp_path: Path) -> None:
    """A config without rows leaves nothing behind: an empty file would make its split unloadable."""
    facts = write_config(tmp_path, "removed", [("train", batch(schemas.REMOVED, []))], schemas.REMOVED, SMALL)
    assert ((), 0, []) == (facts.splits, facts.rows, list(tmp_path.iterdir()))


def test_splits_may_alternate(tmp_path: Path) -> None:
    """Splits are written side by side, each in the order its rows came, and listed train first."""
    parts = [
        ("test" if at % 3 == 0 else "train", part) for at, (_, part) in enumerate(train(table([5] * 9), 1))
    ]
    facts = write_config(tmp_path, "default", parts, SCHEMA, SMALL)
    found = {
        split.name: [
            key for file in split.files for key in pq.read_table(tmp_path / file.path)["id"].to_pylist()
        ]
        for split in facts.splits
    }
    assert {"train": ["1", "2", "4", "5", "7", "8"], "test": ["0", "3", "6"]} == found
    assert ["train", "test"] == list(found)


def test_narrow_columns_are_cast(tmp_path: Path) -> None:
    """Columns in another order or of a narrower type are brought to the declared schema."""
    rows = pa.record_batch(
        {"text": pa.array(["x"]), "id": pa.array(["1"]), "authors": pa.array([[]], SCHEMA.types[1])}
    )
    facts = write_config(tmp_path, "default", [("train", rows)], SCHEMA, SMALL)
    assert SCHEMA.equals(pq.read_schema(tmp_path / facts.files[0].path))


@pytest.mark.parametrize("name", ["val-2024", "", "a/b", "tést"])
def test_split_names_that_do_not_load(tmp_path: Path, name: str) -> None:
    """A split name that `datasets` refuses is refused here."""
    with pytest.raises(UsageError, match="cannot name a split"):
        write_config(tmp_path, "default", [(name, table([1]).to_batches()[0])], SCHEMA, SMALL)


def bad_utf8() -> pa.Array:
    """A text that is not UTF-8."""
    return pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]
    )


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"id": ["1"], "authors": [[]]}, "text"),
        ({"id": ["1"], "authors": [[]], "text": ["x"], "mood": ["x"]}, "mood"),
        ({"id": ["1"], "authors": ["x"], "text": ["x"]}, "do not fit"),
        ({"id": bad_utf8(), "authors": pa.array([[]], SCHEMA.types[1]), "text": ["x"]}, "UTF8"),
    ],
)
def test_rows_that_do_not_fit(tmp_path: Path, columns: dict[str, Any], what: str) -> None:
    """Rows outside the schema, or text that would fail when it is read, are never written."""
    with pytest.raises(LawError, match=what):
        write_config(tmp_path, "default", [("train", pa.record_batch(columns))], SCHEMA, SMALL)


def test_full_disk_is_one_line(tmp_path: Path) -> None:
    """When no more bytes can be written, one error says where, and the process goes on."""
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from pathlib import Path
import os, pyarrow as pa
from corpuskit.dataset.options import Options
from corpuskit.dataset.writer import write_config
from corpuskit.errors import OutputError
schema = pa.schema([("text", pa.large_string())])
rows = [("train", pa.record_batch({{"text": [os.urandom(2000).hex()]}}, schema=schema)) for _ in range(50)]
try:
    write_config(Path({str(tmp_path)!r}), "default", rows, schema, Options(group_rows=1))
except OutputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (f"{tmp_path / 'data'}: cannot be written: File too large\n", "") == (done.stdout, done.stderr)


def test_unwritable_folder(tmp_path: Path) -> None:
    """A file where a folder should be is one error."""
    from corpuskit.errors import OutputError

    (tmp_path / "data").write_text("in the way")
    with pytest.raises(OutputError, match=r"data: cannot be written"):
        write_config(tmp_path, "default", train(table([1])), SCHEMA, SMALL)


@pytest.mark.parametrize(
    ("key", "value"), [("version", "1.0"), ("date", "21.11.2026"), ("level", 0), ("group_rows", 0)]
)
def test_options_out_of_range(key: str, value: object) -> None:
    """An option that would break the dataset is refused, by name."""
    with pytest.raises(ConfigError, match=rf"\[package\] {key}"):
        Options(**{key: value})  # type: ignore[arg-type]


def test_trouble_of_the_caller_is_not_ours(tmp_path: Path) -> None:
    """An input that cannot be read while we write is not reported as an output that cannot be written."""

    def failing() -> Iterator[tuple[str, pa.RecordBatch]]:
        yield "train", table([1]).to_batches()[0]
        raise FileNotFoundError(2, "No such file", "stage.arrow")

    with pytest.raises(FileNotFoundError):
        write_config(tmp_path, "default", failing(), SCHEMA, SMALL)


@pytest.mark.parametrize(
    ("stated", "epoch", "date"),
    [
        ("", None, ""),
        ("", "", ""),
        ("", "1795219200", "2026-11-21"),
        ("2020-01-02", "1795219200", "2020-01-02"),
    ],
)
def test_date_comes_from_options_or_environment(stated: str, epoch: str | None, date: str) -> None:
    """A date is stated or taken from SOURCE_DATE_EPOCH, else there is none."""
    assert date == release_date(stated, epoch)


def test_epoch_must_be_a_number() -> None:
    """A SOURCE_DATE_EPOCH that is no number of seconds is named."""
    with pytest.raises(ConfigError, match="SOURCE_DATE_EPOCH: 'now'"):
        release_date("", "now")
