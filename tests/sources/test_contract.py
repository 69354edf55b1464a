"""One contract for all formats: the same writings come out of each, each with its place, and a bad one costs itself."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpuskit.model import Document, Quarantined
from corpuskit.sources import encode_back
from corpuskit.sources.discovery import FORMATS, format_of
from corpuskit.sources.extras import missing

from .conftest import ReadAll
from .test_containers import RESPONSE, docx, epub, http, paragraph, pdf, tarred, warc, zipped

Files = dict[str, bytes]
TITLE = "The mill"
FIRST = "The mill had stood by the river since before anyone in the village could remember, and it still turned each morning."
SECOND = "Der Fluss fror in jenem Winter schon im November zu, und niemand im Dorf hatte etwas dagegen einzuwenden gehabt."
TEXTS = (FIRST, SECOND)


def rows(texts: Sequence[str]) -> list[dict[str, str]]:
    """Return the texts as rows with the title of all of them."""
    return [{"text": text, "title": TITLE} for text in texts]


def jsonl(texts: Sequence[str]) -> bytes:
    """Return JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows(texts)).encode()


def delimited(texts: Sequence[str], delimiter: str) -> bytes:
    """Return CSV or TSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["text", "title"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows(texts))
    return out.getvalue().encode()


def parquet(texts: Sequence[str]) -> bytes:
    """Return Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(texts)), out)
    return out.getvalue()


def arrow(texts: Sequence[str]) -> bytes:
    """Return an Arrow stream, as `datasets` keeps it."""
    out = io.BytesIO()
    table = pa.Table.from_pylist(rows(texts))
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def html(text: str) -> bytes:
    """Return a page."""
    return f"<html><head><title>{TITLE}</title></head><body><article><p>{text}</p></article></body></html>".encode()


def each(name: str, make: Callable[[str], bytes]) -> Callable[[Sequence[str]], Files]:
    """Return a writer of formats that hold one text: a file for each."""
    return lambda texts: {name.format(at): make(text) for at, text in enumerate(texts)}


@dataclass(frozen=True)
class Format:
    """How texts are written in a format, and what a reader of it can know."""

    write: Callable[[Sequence[str]], Files]
    title: bool = True  #: whether the format states one
    extra: str = ""


def together(name: str, make: Callable[[Sequence[str]], bytes], **known: bool | str) -> Format:
    """Return a format that holds many texts in one file."""
    return Format(lambda texts: {name: make(texts)}, **known)  # type: ignore[arg-type]


def members(texts: Sequence[str]) -> Files:
    """Return members for archives: a page of text, rows, and an archive in it."""
    inner = zipped({"b.jsonl": jsonl(texts[1:])})
    return {"a.txt": texts[0].encode(), "in/b.zip": inner}


KINDS: dict[str, Format] = {
    "text": Format(each("{}.txt", str.encode), title=False),
    "text, gzip": Format(each("{}.txt.gz", lambda text: gzip.compress(text.encode())), title=False),
    "text, zstd": Format(each("{}.txt.zst", lambda text: zstandard.compress(text.encode())), title=False),
    "markdown": Format(each("{}.md", lambda text: f"---\ntitle: {TITLE}\n---\n{text}".encode())),
    "jsonl": together("a.jsonl", jsonl),
    "jsonl, zstd": together("a.jsonl.zst", lambda texts: zstandard.compress(jsonl(texts))),
    "json": together("a.json", lambda texts: json.dumps(rows(texts)).encode()),
    "csv": together("a.csv", lambda texts: delimited(texts, ",")),
    "tsv, gzip": together("a.tsv.gz", lambda texts: gzip.compress(delimited(texts, "\t"))),
    "parquet": together("a.parquet", parquet),
    "arrow": together("saved/data-00000-of-00001.arrow", arrow),
    "html": Format(each("{}.html", html), extra="html"),
    "warc, gzip": together(
        "a.warc.gz", lambda texts: gzip.compress(warc(*(("response", RESPONSE, http(html(text))) for text in texts))),
        extra="html",
    ),
    "wet, zstd": together(
        "a.warc.wet.zst",
        lambda texts: zstandard.compress(
            warc(*(("conversion", {"Content-Type": "text/plain"}, text.encode()) for text in texts))
        ),
        title=False,
    ),
    "epub": Format(each("{}.epub", lambda text: epub({"a": f"<p>{text}</p>"}, ["a"])), extra="html"),
    "docx": Format(each("{}.docx", lambda text: docx(paragraph(text)))),
    "pdf": Format(each("{}.pdf", pdf), extra="pdf"),
    "zip": together("a.zip", lambda texts: zipped(members(texts)), title=False),
    "tar": together("a.tar", lambda texts: tarred(members(texts)), title=False),
    "tar, gzip": together("a.tgz", lambda texts: gzip.compress(tarred(members(texts))), title=False),
    "tar, zstd": together("a.tar.zst", lambda texts: zstandard.compress(tarred(members(texts))), title=False),
}  # fmt: skip
ALL = pytest.mark.parametrize("kind", KINDS)


def documents(found: Sequence[Document | Quarantined]) -> list[Document]:
    """Return the documents."""
    return [one for one in found if isinstance(one, Document)]


@pytest.fixture
def format_(kind: str) -> Format:
    """Return the format; skip where its extra is not installed."""
    one = KINDS[kind]
    if one.extra and missing(one.extra):
        pytest.skip(f"the extra {one.extra} is not installed")
    return one


def test_no_format_is_left_out() -> None:
    """Every format that is read keeps the contract."""
    written = {format_of(name)[0] for one in KINDS.values() for name in one.write(TEXTS)}
    assert written == set(FORMATS.values())


@ALL
def test_the_same_texts_come_out(format_: Format, read_all: ReadAll) -> None:
    """Texts, in order, each from its place; the title, where the format states it, with its origin."""
    found = read_all(format_.write(TEXTS))
    assert [one.text.strip() for one in documents(found)] == list(TEXTS)
    assert len(found) == len(TEXTS)
    if format_.title:
        for one in documents(found):
            titles = [said for said in one.given if said.field == "title"]
            assert {said.value for said in titles} == {TITLE}
            assert all(said.evidence and said.origin in ("given", "page") for said in titles)


@ALL
def test_bytes_come_back_or_the_document_says_lossy(format_: Format, read_all: ReadAll) -> None:
    """Law 0, in every format."""
    for one in documents(read_all(format_.write(TEXTS))):
        assert one.provenance.lossy or sha256(encode_back(one)).hexdigest() == one.provenance.bytes_sha256


@ALL
def test_ids_are_stable_and_tell_texts_apart(format_: Format, read_all: ReadAll) -> None:
    """What stands behind a text changes nothing about it."""
    short = documents(read_all(format_.write(TEXTS)))
    long = documents(read_all(format_.write((*TEXTS, "The ice broke in March, and the mill turned again as it had before."))))
    if "a.zip" not in format_.write(TEXTS):
        assert [one.id for one in short] == [one.id for one in long][:2]
    assert len({one.id for one in long}) == len(long) == 3
    assert len({(one.provenance.path, one.provenance.record) for one in long}) == 3


@ALL
def test_an_empty_text_costs_itself(format_: Format, read_all: ReadAll) -> None:
    """The neighbours of a text that is none are read, and the entry says where it stood, why, and what to do."""
    found = read_all(format_.write((FIRST, "", SECOND)))
    assert {FIRST, SECOND} == {one.text.strip() for one in documents(found)}
    for one in found:
        if isinstance(one, Quarantined):
            assert one.reason in ("empty", "no-text")
            assert one.path
            assert one.message
            assert one.remedy


@ALL
def test_half_a_file_is_documents_and_entries(format_: Format, read_all: ReadAll) -> None:
    """A file that breaks off gives what stood before the break, unchanged, and never raises."""
    whole = format_.write(TEXTS)
    found = read_all({name: data[: len(data) // 2] for name, data in whole.items()})
    for one in documents(found):
        assert any(text.startswith(one.text.strip()[:40]) for text in TEXTS)
    assert found
