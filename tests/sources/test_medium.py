"""A disk or a network that fails says nothing of the data: it ends the task and leaves nothing that stays."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpuskit.errors import InputError
from corpuskit.model import Document, Quarantined
from corpuskit.sources import Options, Sources, cuts, digest, discover, discovery, read

from .conftest import ReadAll
from .test_containers import tarred, zipped

ROWS = b"".join(json.dumps({"text": f"Row {n} of the file. " * 40}).encode() + b"\n" for n in range(200))


def parquet() -> bytes:
    """Rows in several row groups."""
    out = io.BytesIO()
    texts = [f"{os.urandom(200).hex()} is row {n}." for n in range(200)]
    pq.write_table(pa.table({"text": texts}), out, row_group_size=50)
    return out.getvalue()


def arrow() -> bytes:
    """Rows as a stream of Arrow."""
    out = io.BytesIO()
    table = pa.table({"text": [f"This is row {n}." for n in range(200)]})
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table, max_chunksize=50)
    return out.getvalue()


FILES = {
    "a.txt": b"The mill stood still.",
    "a.md": b"# The mill\n\nIt stood still.",
    "a.csv": b"text\nThe mill stood still.\n",
    "a.jsonl": ROWS,
    "a.jsonl.gz": gzip.compress(os.urandom(9) + ROWS),
    "a.jsonl.zst": zstandard.compress(ROWS),
    "a.json": b'[{"text": "The mill stood still."}]',
    "a.parquet": parquet(),
    "a.arrow": arrow(),
    "a.zip": zipped({"a.jsonl": ROWS, "b.txt": b"words"}),
    "a.tar": tarred({"a.jsonl": ROWS, "b.txt": b"words"}),
    "a.epub": zipped({"mimetype": b"application/epub+zip"}),
    "a.docx": zipped({"word/document.xml": b"<x/>"}),
    "a.warc": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\nabcd\r\n\r\n",
}


class Disk:
    """Serves files, and fails at one of the reads: `at`, or none while it is negative."""

    def __init__(self) -> None:
        self.at = -1
        self.reads = 0

    def open(self, path: Path, _: str) -> io.BytesIO:
        """Return a file on this disk."""
        disk = self

        class File(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                disk.reads += 1
                if disk.reads - 1 == disk.at:
                    raise OSError(errno.ESTALE, "Stale file handle")
                return super().read(size)

        return File(Path(path).read_bytes())


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk that input files are on."""
    found = Disk()
    monkeypatch.setattr(discovery, "open", found.open, raising=False)
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_disk_that_fails_is_no_damage(tmp_path: Path, disk: Disk, name: str) -> None:
    """Whatever the format, and at whichever read: an error that names file and byte, and no quarantine."""
    (tmp_path / name).write_bytes(FILES[name])
    (file,) = discover(tmp_path, Options())
    list(read(tmp_path, file, Sources(), Options()))
    assert disk.reads
    for number in range(disk.reads):
        disk.at, disk.reads = number, 0
        with pytest.raises(InputError, match=rf"^{name}, byte \d+: cannot be read: Stale file handle; .*ignore"):
            list(read(tmp_path, file, Sources(), Options()))


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_disk_that_fails_makes_no_cuts(tmp_path: Path, disk: Disk, name: str) -> None:
    """Where a large file can be cut is not decided on half of it."""
    (tmp_path / name).write_bytes(FILES[name])
    (file,) = discover(tmp_path, Options())
    assert len(cuts(tmp_path, file, Options(), 2000)) > 1
    for number in range(disk.reads):
        disk.at, disk.reads = number, 0
        with pytest.raises(InputError, match=f"{name}, byte"):
            cuts(tmp_path, file, Options(), 2000)


def test_files_and_folders_without_rights_do_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_all: ReadAll
) -> None:
    """They are quarantined by name until somebody gives the rights; then their digest is another."""
    true_access, true_scandir = os.access, os.scandir
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "b.txt" and true_access(path, mode))

    def scandir(path: str) -> Any:
        if Path(path).name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return true_scandir(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (tmp_path / "d.txt").symlink_to("nothing.txt")
    found = read_all({"a.txt": b"words", "b.txt": b"more words", "shut/c.txt": b"even more"})
    assert [(one.path, one.reason) for one in found if isinstance(one, Quarantined)] == [
        ("b.txt", "unreadable"),
        ("d.txt", "unreadable"),
        ("shut/", "unreadable"),
    ]
    assert [one.text for one in found if isinstance(one, Document)] == ["words"]
    before = {file.path: digest(tmp_path, file) for file in discover(tmp_path, Options())}
    assert [file.path for file in discover(tmp_path, Options(ignore=("shut/", "d.txt", "a.*")))] == ["b.txt"]
    monkeypatch.undo()
    after = {file.path: digest(tmp_path, file) for file in discover(tmp_path, Options())}
    assert sorted(after) == ["a.txt", "b.txt", "d.txt", "shut/c.txt"]
    assert [path for path in before if after.get(path) == before[path]] == ["a.txt", "d.txt"]


@pytest.mark.parametrize("failing_call", ["stat", "scandir"])
def test_a_disk_that_fails_is_no_lack_of_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_call: str) -> None:
    """Files and folders that a failing disk hides are not left out in silence."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("words")

    def fail(true: Any) -> Any:
        def call(path: Any, *args: Any, **options: Any) -> Any:
            if Path(path).name == {"stat": "a.txt", "scandir": "sub"}[failing_call]:
                raise OSError(errno.EIO, "Input/output error", str(path))
            return true(path, *args, **options)

        return call

    monkeypatch.setattr(os, failing_call, fail(getattr(os, failing_call)))
    with pytest.raises(InputError, match=r"(sub|a\.txt), byte 0: cannot be read: Input/output error"):
        discover(tmp_path, Options())


def test_damage_inside_an_archive_stays_a_quarantine(read_all: ReadAll) -> None:
    """What bz2 says of damaged data is an `OSError`, too, and speaks of the data."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.txt", os.urandom(3000))
    data = bytearray(out.getvalue())
    at = data.index(bz2.compress(b"")[:3])
    data[at + 4 : at + 10] = bytes(6)
    (found,) = read_all({"a.zip": bytes(data)})
    assert isinstance(found, Quarantined)
    assert (found.reason, found.record) == ("broken-archive", "a.txt")
