"""Archives, crawls, books and documents: texts inside other files."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import warnings
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpuskit.model import Document, Quarantined
from corpuskit.sources import Columns, Limits, Options
from corpuskit.sources.identity import derive_id

from .conftest import ReadAll

FILES = {
    "a.txt": b"The mill stood still.",
    "deep/b.jsonl": b'{"text": "one"}\n{"text": 2}\n{"text": "three"}\n',
    "c.csv": b"text,title\nwords,A title\n",
}
EXPECTED = [
    ("a.txt", "The mill stood still."),
    ("deep/b.jsonl:1", "one"),
    ("deep/b.jsonl:3", "three"),
    ("c.csv:1", "words"),
]


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    """Return a tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "x.zip": zipped,
    "x.tar": tarred,
    "x.tar.gz": lambda files: gzip.compress(tarred(files)),
    "x.tgz": lambda files: gzip.compress(tarred(files)),
    "x.tar.zst": lambda files: zstandard.compress(tarred(files)),
}
ARCHIVES = pytest.mark.parametrize("name", PACKERS)


def texts(found: list[Document | Quarantined]) -> list[tuple[str, str]]:
    """Return record and text of the documents."""
    return [(one.provenance.record, one.text) for one in found if isinstance(one, Document)]


def reasons(found: list[Document | Quarantined]) -> list[str]:
    """Return the reasons of the quarantine entries."""
    return [one.reason for one in found if isinstance(one, Quarantined)]


@ARCHIVES
def test_archives_are_read_in_place(name: str, read_all: ReadAll) -> None:
    """Members of every format give documents whose record is the member path and row; bad rows stay alone."""
    found = read_all({name: PACKERS[name](FILES)})
    assert texts(found) == EXPECTED
    assert reasons(found) == ["wrong-type"]
    assert isinstance(found[0], Document)
    assert found[0].id == derive_id("", name, "a.txt")


@ARCHIVES
def test_members_of_random_access_formats(name: str, read_all: ReadAll) -> None:
    """Parquet and an archive in the archive are read, too."""
    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["column"]}), out)
    inner = zipped({"d.txt": b"within", "more.tar": tarred({"e.txt": b"further within"})})
    found = read_all({name: PACKERS[name]({"p.parquet": out.getvalue(), "in.zip": inner})})
    assert texts(found) == [
        ("p.parquet:1", "column"),
        ("in.zip!/d.txt", "within"),
        ("in.zip!/more.tar!/e.txt", "further within"),
    ]


@ARCHIVES
def test_nesting_has_an_end(name: str, read_all: ReadAll) -> None:
    """An archive deeper than the limit is an entry."""
    inner = zipped({"b.zip": zipped({"a.txt": b"x"})})
    found = read_all({name: PACKERS[name]({"c.zip": inner})}, Options(limits=Limits(nesting=2)))
    assert reasons(found) == ["too-nested"]


@ARCHIVES
def test_the_number_of_members_has_an_end(name: str, read_all: ReadAll) -> None:
    """The members before the limit are read, the rest is one entry."""
    many = {f"{n}.txt": b"text" for n in range(20)}
    found = read_all({name: PACKERS[name](many)}, Options(limits=Limits(members=5)))
    assert (len(texts(found)), reasons(found)) == (5, ["too-large"])


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar.zst"])
def test_bombs_are_stopped_by_their_ratio(name: str, read_all: ReadAll) -> None:
    """Forty megabytes of one letter in forty kilobytes are not unpacked to the end."""
    found = read_all({name: PACKERS[name]({"a.txt": b"before", "bomb.txt": b"a" * (40 << 20)})})
    assert texts(found) in ([("a.txt", "before")], [])
    assert set(reasons(found)) == {"too-large"}


def test_the_neighbours_of_a_bomb_are_read(read_all: ReadAll) -> None:
    """In a ZIP, which says how large its members are, the bomb alone is an entry; many small bombs are one together."""
    bomb = b"a" * (40 << 20)
    found = read_all({"x.zip": PACKERS["x.zip"]({"a.txt": b"before", "bomb.txt": bomb, "z.txt": b"after"})})
    assert texts(found) == [("a.txt", "before"), ("z.txt", "after")]
    assert [(one.record, one.reason) for one in found if isinstance(one, Quarantined)] == [("bomb.txt", "too-large")]
    several = {f"{at}.txt": b"a" * (15 << 20) for at in range(3)}
    assert set(reasons(read_all({"y.zip": PACKERS["x.zip"](several)}))) == {"too-large"}


@ARCHIVES
def test_hidden_ignored_and_unknown_members(name: str, read_all: ReadAll) -> None:
    """Hidden members and ignored ones are no input; an unknown format is an entry."""
    files = {".DS_Store": b"x", "__MACOSX/a.txt": b"x", "a/.git/b.txt": b"x", "drop/c.txt": b"x", "d.xyz": b"x"}
    found = read_all({name: PACKERS[name](files)}, Options(ignore=("**/drop/**",)))
    assert [(one.record, one.reason) for one in found if isinstance(one, Quarantined)] == [("d.xyz", "unknown-format")]
    assert texts(found) == []


@ARCHIVES
def test_hostile_names_are_labels_only(name: str, read_all: ReadAll) -> None:
    """Climbing and absolute names never become paths; control characters are escaped."""
    found = read_all({name: PACKERS[name]({"x/../../b.txt": b"up", "/etc/c.txt": b"root", "d\x1b[31m.txt": b"red"})})
    assert [text for _, text in texts(found)] == [text for _, text in texts(found) if text in ("up", "root", "red")]
    assert all(record.isprintable() for record, _ in texts(found))


@ARCHIVES
def test_broken_archives_are_one_entry(name: str, read_all: ReadAll) -> None:
    """A file cut in the middle gives what stands before the cut, or nothing, and one entry; nothing raises."""
    data = PACKERS[name]({f"{n}.txt": (f"text {n} " * 500).encode() for n in range(50)})
    found = read_all({name: data[: len(data) // 2]})
    assert len(texts(found)) < 50
    assert reasons(found)[-1] == "broken-archive"
    assert reasons(read_all({name: b"no archive at all " * 100})) == ["broken-archive"]


def test_encrypted_members_are_entries(read_all: ReadAll) -> None:
    """A member with the encryption flag is not tried."""
    data = bytearray(zipped({"a.txt": b"secret"}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    assert reasons(read_all({"a.zip": bytes(data)})) == ["password"]


def test_links_in_a_tar_are_not_followed(read_all: ReadAll) -> None:
    """A link to a file outside is no document."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"l{kind.decode()}.txt")
            info.type = kind
            info.linkname = "/etc/passwd"
            archive.addfile(info)
    assert read_all({"a.tar": out.getvalue()}) == []


# WARC


def warc(*records: tuple[str, dict[str, str], bytes]) -> bytes:
    """Return a WARC file of records (type, headers, content)."""
    out = b""
    for kind, headers, content in records:
        lines = {"WARC-Type": kind, "WARC-Target-URI": "https://mill.example/a", **headers}
        lines["Content-Length"] = str(len(content))
        out += (
            b"WARC/1.0\r\n"
            + "".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode()
            + b"\r\n"
            + content
            + b"\r\n\r\n"
        )
    return out


def http(body: bytes, headers: str = "Content-Type: text/html; charset=utf-8", status: str = "200 OK") -> bytes:
    """Return an HTTP response."""
    return f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body


PAGE = (
    "<html><body><article><p>"
    + "The river froze over, and nobody in the village minded much. " * 5
    + "</p></article></body></html>"
)
RESPONSE = {"Content-Type": "application/http; msgtype=response"}
PLAIN = {"Content-Type": "text/plain", "WARC-Identified-Content-Language": "eng"}


def per_record(data: bytes, *cuts: bytes) -> bytes:
    """Return records packed one by one, as crawlers do."""
    return b"".join(gzip.compress(b"WARC/1.0" + part) for part in data.split(b"WARC/1.0")[1:])


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, per_record, zstandard.compress], ids=["", "gz", "gz each", "zst"]
)
def test_wet_files(pack: Callable[[bytes], bytes], read_all: ReadAll) -> None:
    """Plain-text records are documents with address and site; crawl notes are passed over."""
    data = warc(("warcinfo", {}, b"software: x"), ("conversion", PLAIN, b"Der Fluss fror zu.\n"))
    name = {bytes: "a.wet", zstandard.compress: "a.wet.zst"}.get(pack, "a.warc.wet.gz")
    (one,) = read_all({name: pack(data)})
    assert isinstance(one, Document)
    assert (one.text, one.source, one.provenance.record) == ("Der Fluss fror zu.\n", "mill.example", "2")
    assert [(c.field, c.value) for c in one.given] == [("url", "https://mill.example/a"), ("language", "eng")]


def test_warc_pages(read_all: ReadAll) -> None:
    """Pages are read as HTML, also chunked or packed; redirects, images and requests are passed over."""
    pytest.importorskip("trafilatura", reason="the extra html is not installed")
    body = PAGE.encode()
    html = "Content-Type: text/html"
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    data = warc(
        ("request", {"Content-Type": "application/http; msgtype=request"}, b"GET / HTTP/1.1\r\n\r\n"),
        ("response", RESPONSE, http(body)),
        ("response", RESPONSE, http(chunked, f"{html}\r\nTransfer-Encoding: chunked")),
        ("response", RESPONSE, http(gzip.compress(body), f"{html}\r\nContent-Encoding: gzip")),
        ("response", RESPONSE, http(body, f"{html}\r\nContent-Encoding: gzip")),
        ("response", RESPONSE, http(b"", "Location: /b", "302 Found")),
        ("response", RESPONSE, http(b"\x89PNG", "Content-Type: image/png")),
        ("response", RESPONSE, http(b"zz", f"{html}\r\nContent-Encoding: br")),
    )
    found = read_all({"a.warc": data})
    assert [record for record, _ in texts(found)] == ["2", "3", "4", "5"]
    assert len({text for _, text in texts(found)}) == 1
    assert reasons(found) == ["unknown-format"]


def test_reservations_in_headers_are_recorded(read_all: ReadAll) -> None:
    """X-Robots-Tag and tdm-reservation of a response are candidates; what is not stated is not inferred."""
    pytest.importorskip("trafilatura", reason="the extra html is not installed")
    html = "Content-Type: text/html"
    reserved = http(PAGE.encode(), f"{html}\r\nX-Robots-Tag: noindex\r\nX-Robots-Tag: bot: noai\r\ntdm-reservation: 1")
    free = http(PAGE.encode(), f"{html}\r\nX-Robots-Tag: noindex\r\ntdm-reservation: 0")
    found = read_all({"a.warc": warc(("response", RESPONSE, reserved), ("response", RESPONSE, free))})
    said = [[one.value for one in page.given if one.field == "opt_out"] for page in found if isinstance(page, Document)]
    assert [["noai", "tdm-reservation"], []] == said


def test_a_bad_warc_record_costs_itself_or_the_rest(read_all: ReadAll) -> None:
    """Binary content is one entry; a file cut inside a record keeps the records before."""
    good = ("conversion", PLAIN, b"words")
    data = warc(good, ("conversion", PLAIN, b"\x00\x01\x02\x03" * 9), good)
    found = read_all({"a.wet": data})
    assert ([record for record, _ in texts(found)], reasons(found)) == (["1", "3"], ["binary"])
    found = read_all({"a.wet": data[:-8]})
    assert ([record for record, _ in texts(found)], reasons(found)) == (["1"], ["binary", "broken-archive"])
    assert reasons(read_all({"a.wet": data + b"rubbish"})) == ["binary", "bad-warc"]
    found = read_all({"a.wet": data}, Options(limits=Limits(record_bytes=20)))
    assert ([record for record, _ in texts(found)], reasons(found)) == (["1", "3"], ["too-large"])


# books and documents

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, **parts: str) -> bytes:
    """Return a Word document with this body and these other parts."""
    files = {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>".encode()}
    files.update({f"word/{name}.xml": text.encode() for name, text in parts.items()})
    dc = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    core = f"<p {dc}><dc:title>The mill</dc:title><dc:creator>Ada Quill</dc:creator></p>"
    return zipped({**files, "docProps/core.xml": core.encode()})


def paragraph(text: str) -> str:
    """Return a paragraph of one run."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_word_documents(read_all: ReadAll) -> None:
    """Paragraphs, cells and notes are lines; deleted text and field codes are not there."""
    body = (
        paragraph("The mill")
        + "<w:p><w:r><w:t>It </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
        + "<w:r><w:instrText>PAGE</w:instrText><w:t>stood</w:t><w:tab/><w:t>still.</w:t></w:r></w:p>"
        + f"<w:tbl><w:tr><w:tc>{paragraph('a cell')}</w:tc></w:tr></w:tbl>"
    )
    notes = f"<w:footnotes {W}><w:footnote>{paragraph('a note')}</w:footnote></w:footnotes>"
    (one,) = read_all({"a.docx": docx(body, footnotes=notes)})
    assert isinstance(one, Document)
    assert one.text == "The mill\nIt stood\tstill.\na cell\na note"
    assert [(c.field, c.value) for c in one.given] == [("title", "The mill"), ("author", "Ada Quill")]
    assert one.provenance.lossy


def test_broken_documents_are_entries(read_all: ReadAll) -> None:
    """No ZIP, no text, bad XML, entities, too deep, a password: an entry each."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    found = read_all(
        {
            "a.docx": b"not a zip",
            "b.docx": docx(""),
            "c.docx": zipped({"word/document.xml": b"<w:document"}),
            "d.docx": zipped({"word/document.xml": bomb}),
            "e.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
            "f.docx": docx("<w:x>" * 50_000 + "</w:x>" * 50_000),
        }
    )
    assert reasons(found) == ["broken-docx", "no-text", "broken-docx", "broken-docx", "password", "no-text"]


def epub(chapters: dict[str, str], order: list[str]) -> bytes:
    """Return a book of chapters (id to body), read in this order."""
    items = "".join(
        f'<item id="{key}" href="text/{key}%20x.xhtml" media-type="application/xhtml+xml"/>' for key in chapters
    )
    refs = "".join(f'<itemref idref="{key}"/>' for key in order)
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:opf="http://www.idpf.org/2007/opf"><metadata><dc:title>The mill</dc:title>'
        '<dc:creator>Ada Quill</dc:creator><dc:creator opf:role="trl">Bo Ek</dc:creator></metadata>'
        f"<manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    files = {"META-INF/container.xml": container.encode(), "OEBPS/book.opf": package.encode()}
    for key, body in chapters.items():
        files[f"OEBPS/text/{key} x.xhtml"] = f"<html><head><title>no</title></head><body>{body}</body></html>".encode()
    return zipped(files)


def test_books(read_all: ReadAll) -> None:
    """Chapters come in reading order, blocks as lines, entities resolved, people with their roles."""
    pytest.importorskip("lxml", reason="the extra html is not installed")
    one_body = "<h1>One</h1><p>It&nbsp;was <i>very</i>\n cold.<br/>So   cold.</p><script>x()</script>"
    (one,) = read_all({"a.epub": epub({"two": "<p>Later.</p>", "one": one_body}, ["one", "two"])})
    assert isinstance(one, Document)
    assert one.text == "One\nIt was very cold.\nSo cold.\n\nLater."
    assert [(c.field, c.value) for c in one.given] == [
        ("title", "The mill"),
        ("author", "Ada Quill"),
        ("translator", "Bo Ek"),
    ]


def test_broken_books_are_entries(read_all: ReadAll) -> None:
    """No ZIP, no package, no text: an entry each."""
    pytest.importorskip("lxml", reason="the extra html is not installed")
    found = read_all({"a.epub": b"x", "b.epub": zipped({"a": b"b"}), "c.epub": epub({"one": ""}, ["one"])})
    assert reasons(found) == ["broken-epub", "broken-epub", "no-text"]


def test_protected_books_are_entries(read_all: ReadAll) -> None:
    """A book whose chapters are encrypted is not read as if it were text; one whose fonts are is read."""
    pytest.importorskip("lxml", reason="the extra html is not installed")

    def encrypted(uri: str) -> bytes:
        out = io.BytesIO(epub({"a": "<p>Words.</p>"}, ["a"]))
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr(
                "META-INF/encryption.xml",
                '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:CipherData>'
                f'<e:CipherReference URI="{uri}"/></e:CipherData></e:EncryptedData></encryption>',
            )
        return out.getvalue()

    found = read_all({"a.epub": encrypted("OEBPS/text/a%20x.xhtml"), "b.epub": encrypted("OEBPS/font.otf")})
    assert (reasons(found), texts(found)) == (["password"], [("", "Words.")])


def pdf(text: str) -> bytes:
    """Return a PDF of one page with one line of text."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (The mill) /Author (Ada Quill) >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer << /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def test_pdf_text_layers(read_all: ReadAll) -> None:
    """The text layer is the text; a scan without one and a broken file are entries."""
    pytest.importorskip("pypdf", reason="the extra pdf is not installed")
    found = read_all({"a.pdf": pdf("The mill stood still."), "b.pdf": pdf(""), "c.pdf": b"%PDF-1.4 nothing"})
    assert texts(found) == [("", "The mill stood still.")]
    assert reasons(found) == ["no-text", "broken-pdf"]
    assert isinstance(found[0], Document)
    assert [(c.field, c.value) for c in found[0].given] == [("title", "The mill"), ("author", "Ada Quill")]


def test_pdfs_with_passwords(read_all: ReadAll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF that asks for a password is an entry; one that is only protected against changes is read."""
    pypdf = pytest.importorskip("pypdf", reason="the extra pdf is not installed")

    def locked(user: str) -> bytes:
        writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("The mill stood still."))), io.BytesIO()
        writer.encrypt(user, "owner", algorithm="RC4-128")
        writer.write(out)
        return out.getvalue()

    files = {"a.pdf": locked("secret"), "b.pdf": locked("")}
    found = read_all(files)
    assert (reasons(found), texts(found)) == (["password"], [("", "The mill stood still.")])

    def lacking(*_: object) -> None:
        raise pypdf.errors.DependencyError("cryptography is required for AES algorithm")

    monkeypatch.setattr(pypdf.PdfReader, "decrypt", lacking)
    found = read_all(files)
    assert reasons(found) == ["missing-extra"] * 2
    assert {one.remedy for one in found if isinstance(one, Quarantined)} == {"pip install 'corpuskit[pdf]'"}


def test_a_missing_extra_names_the_one_command(read_all: ReadAll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its extra a format is an entry whose remedy can be pasted."""
    monkeypatch.setattr("corpuskit.sources.extras.find_spec", lambda name: None)
    found = read_all({"a.html": b"<p>x", "b.pdf": b"%PDF", "c.epub": b"x"})
    assert reasons(found) == ["missing-extra"] * 3
    assert [one.remedy for one in found if isinstance(one, Quarantined)] == [
        "pip install 'corpuskit[html]'",
        "pip install 'corpuskit[pdf]'",
        "pip install 'corpuskit[html]'",
    ]


# JSON files and saved datasets


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'[{"text": "a"}, {"text": "b"}]', [("1", "a"), ("2", "b")]),
        (b'[\n{"text": "a"},\n{"text": "b"}\n]', [("1", "a"), ("2", "b")]),
        (b'{"text": "a"}\n{"text": "b"}\n', [("1", "a"), ("2", "b")]),
        (b'{\n  "text": "a"\n}\n', [("", "a")]),
        (b'\xef\xbb\xbf{"text": "a"}', [("", "a")]),
        (json.dumps([{"text": "ä"}], ensure_ascii=False).encode("utf-16"), [("1", "ä")]),
        (b'[{"text": "a"}, 5, {"text": "b"}]', [("1", "a"), ("3", "b")]),
        (b'[{"text": "a"}', []),
        (b"", []),
        (b"5", []),
    ],
)
def test_json_files(data: bytes, expected: list[tuple[str, str]], read_all: ReadAll) -> None:
    """A list, an object and JSON Lines under another name are read; anything else is an entry."""
    found = read_all({"a.json": data})
    assert texts(found) == expected
    assert expected or reasons(found)


def test_a_long_json_list_is_refused_with_a_way_out(read_all: ReadAll) -> None:
    """A list past the limit names the command that makes JSON Lines of it."""
    data = json.dumps([{"text": "x" * 100}] * 100).encode()
    (one,) = read_all({"a.json": data}, Options(limits=Limits(document_bytes=1000)))
    assert isinstance(one, Quarantined)
    assert "jq -c" in one.remedy


def test_a_folder_saved_by_datasets(read_all: ReadAll) -> None:
    """The Arrow shards are read, in streams of any batch size; the notes beside them are no input."""
    out = io.BytesIO()
    table = pa.table({"essay": [f"text {n}" for n in range(300)], "title": ["t"] * 300})
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=250)
    files = {
        "saved/data-00000-of-00001.arrow": out.getvalue(),
        "saved/state.json": b"{}",
        "saved/dataset_info.json": b"{}",
        "saved/cache-1234.arrow": b"x",
    }
    found = read_all(files, Options(columns=Columns(text="essay")))
    assert texts(found) == [(str(n + 1), f"text {n}") for n in range(300)]
    assert reasons(found) == []


@ARCHIVES
def test_a_name_that_stands_twice_is_read_once(name: str, read_all: ReadAll) -> None:
    """Of members with one name the first is read, the others are quarantined by name: two documents never share a place."""
    files = [("m.txt", b"The ferry left."), ("r.jsonl", b'{"text": "one"}\n'), ("m.txt", b"Another text."),
             ("r.jsonl", b'{"text": "two"}\n{"text": "three"}\n'), ("z.txt", b"Nobody waved.")]  # fmt: skip
    packed = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(packed, "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a name stands twice
            for member, data in files:
                archive.writestr(member, data)
    else:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for member, data in files:
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    pack = {"gz": gzip.compress, "tgz": gzip.compress, "zst": zstandard.compress}.get(name.rpartition(".")[2], bytes)
    found = read_all({name: pack(packed.getvalue())})
    assert texts(found) == [("m.txt", "The ferry left."), ("r.jsonl:1", "one"), ("z.txt", "Nobody waved.")]
    refused = [(one.reason, one.record) for one in found if isinstance(one, Quarantined)]
    assert refused == [("same-name", "m.txt"), ("same-name", "r.jsonl")]


def test_a_folder_named_like_an_archive_inside_is_none(read_all: ReadAll) -> None:
    """`a.zip!/x.txt` is the member x.txt of a.zip inside, or a folder's file: they have records of their own."""
    inner = zipped({"x.txt": b"Inside."})
    found = read_all({"x.tar": tarred({"a.zip": inner, "a.zip!/x.txt": b"Beside.", "wow!/x.txt": b"Oh."})})
    assert texts(found) == [("a.zip!/x.txt", "Inside."), (r"a.zip\x21/x.txt", "Beside."), ("wow!/x.txt", "Oh.")]
