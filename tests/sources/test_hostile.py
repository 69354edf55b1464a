"""Whatever bytes a file holds, reading it ends, and yields documents and quarantine entries only."""

from __future__ import annotations

import gzip
import io
import tempfile
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuskit.model import Document, Quarantined
from corpuskit.sources import Options, Sources, discover, encode_back, read
from corpuskit.sources.discovery import FORMATS
from corpuskit.sources.extras import missing

from .test_containers import PAGE, RESPONSE, docx, epub, http, paragraph, pdf, tarred, warc, zipped

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def parquet() -> bytes:
    """Return a small Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["one", "two"], "title": ["a", "b"]}), out)
    return out.getvalue()


def arrow() -> bytes:
    """Return a small Arrow stream."""
    out = io.BytesIO()
    table = pa.table({"text": ["one", "two"]})
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


SEEDS = {
    ".txt": "Der Fluss fror zu, “endlich”.\n".encode(),
    ".md": b"---\ntitle: The mill\nauthors: [Ada Quill, Bo Ek]\n---\nIt stood still.\n",
    ".jsonl": b'{"text": "one", "meta": {"author": ["a"]}}\n{"text": "\\ud83d\\ude00 two"}\n',
    ".json": b'[{"text": "one"}, {"text": "two"}]',
    ".csv": b'text,title\n"one, ""quoted""\nline",a\ntwo,b\n',
    ".tsv": b"text\ttitle\none\ta\n",
    ".parquet": parquet(),
    ".arrow": arrow(),
    ".html": PAGE.encode(),
    ".warc": warc(("response", RESPONSE, http(PAGE.encode()))),
    ".wet": warc(("conversion", {"Content-Type": "text/plain"}, b"words")),
    ".epub": epub({"a": "<p>Words.</p>"}, ["a"]),
    ".docx": docx(paragraph("Words.")),
    ".pdf": pdf("Words."),
    ".zip": zipped({"a.txt": b"words", "b.jsonl": b'{"text": "x"}\n'}),
    ".tar": tarred({"a.txt": b"words", "b.jsonl": b'{"text": "x"}\n'}),
    ".jsonl.gz": gzip.compress(b'{"text": "one"}\n' * 50),
    ".csv.zst": zstandard.compress(b"text\none\ntwo\n" * 50),
    ".tar.gz": gzip.compress(tarred({"a.txt": b"words"})),
}

#: Seeds that are only read with an extra; without it they are entries, which the other tests here hold as well.
NEEDS = {".html": "html", ".warc": "html", ".epub": "html", ".pdf": "pdf"}


def read_bytes(extension: str, data: bytes) -> list[Document | Quarantined]:
    """Read `data` as a file of this extension."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a" + extension).write_bytes(data)
        (file,) = discover(Path(folder), Options())
        return list(read(Path(folder), file, Sources(), Options()))


def checked(found: list[Document | Quarantined]) -> None:
    """Hold what is promised of every document and entry."""
    for one in found:
        if isinstance(one, Document):
            assert one.text.strip()
            one.text.encode()
            if not one.provenance.lossy:
                assert sha256(encode_back(one)).hexdigest() == one.provenance.bytes_sha256
            for candidate in one.given:
                assert candidate.value
                candidate.value.encode()
        else:
            assert one.reason
            assert one.message
            assert one.remedy
            assert len(one.excerpt) <= 200
            f"{one.record} {one.message} {one.excerpt}".encode()
            assert one.offset >= -1


def test_there_is_a_seed_for_every_format() -> None:
    """Every format that is read is also tried here."""
    from corpuskit.sources.discovery import format_of

    assert {format_of("a" + extension)[0] for extension in SEEDS} == set(FORMATS.values())


@pytest.mark.parametrize("extension", SEEDS)
def test_seeds_are_read(extension: str) -> None:
    """The seeds themselves hold documents and nothing that is quarantined."""
    if NEEDS.get(extension) and missing(NEEDS[extension]):
        pytest.skip(f"the extra {NEEDS[extension]} is not installed")
    found = read_bytes(extension, SEEDS[extension])
    assert {type(one) for one in found} == {Document}
    checked(found)


@pytest.mark.parametrize("extension", SEEDS)
@given(data=st.data())
@QUICK
def test_damaged_files_never_raise(extension: str, data: st.DataObject) -> None:
    """Cut, overwritten and doubled at any place, a file still gives documents and entries."""
    seed = SEEDS[extension]
    at = data.draw(st.integers(0, len(seed)))
    junk = data.draw(st.binary(max_size=12))
    length = data.draw(st.integers(0, 20))
    how = data.draw(st.sampled_from(["cut", "overwrite", "insert", "remove", "double"]))
    damaged = {
        "cut": seed[:at],
        "overwrite": seed[:at] + junk + seed[at + len(junk) :],
        "insert": seed[:at] + junk + seed[at:],
        "remove": seed[:at] + seed[at + length :],
        "double": seed[:at] + seed[: at + length] + seed[at:],
    }[how]
    checked(read_bytes(extension, damaged))


@pytest.mark.parametrize("extension", SEEDS)
@given(data=st.binary(max_size=200))
@QUICK
def test_random_bytes_never_raise(extension: str, data: bytes) -> None:
    """Bytes that are nothing at all give documents and entries."""
    checked(read_bytes(extension, data))
