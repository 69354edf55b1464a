"""One contract for every format: the same documents come out, and a bad record costs itself alone."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpuskit.model import Candidate, Document, Quarantined
from corpuskit.sources import Columns, Limits, Options, encode_back

from .conftest import ReadAll

ROWS = [
    {"text": "The mill stood still.\nNobody minded.", "title": "The mill", "author": "Ada Quill"},
    {"text": "Der Fluss fror zu, “endlich”.", "title": "Eis, und Schnee", "author": "Bo Ek"},
    {"text": "川は静かだった。", "title": "川", "author": ""},
]


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    """Return the rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def delimited(delimiter: str, end: str = "\r\n") -> Callable[[list[dict[str, Any]]], bytes]:
    """Return a writer of CSV with this delimiter and line end."""

    def write(rows: list[dict[str, Any]]) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()

    return write


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """Return the rows as Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


@dataclass(frozen=True)
class Case:
    """A tabular format and a way to write it."""

    name: str
    write: Callable[[list[dict[str, Any]]], bytes]


CASES = [
    Case("rows.jsonl", jsonl),
    Case("rows.jsonl.gz", lambda rows: gzip.compress(jsonl(rows))),
    Case("rows.jsonl.zst", lambda rows: zstandard.compress(jsonl(rows))),
    Case("bom.jsonl", lambda rows: b"\xef\xbb\xbf" + jsonl(rows)),
    Case("wide.jsonl", lambda rows: jsonl(rows).decode().encode("utf-16")),
    Case("rows.csv", delimited(",")),
    Case("semicolon.csv", delimited(";")),
    Case("bom.csv", lambda rows: b"\xef\xbb\xbf" + delimited(",")(rows)),
    Case("wide.tsv", lambda rows: delimited("\t")(rows).decode().encode("utf-16")),
    Case("hint.csv", lambda rows: b"sep=;\r\n" + delimited(";")(rows)),
    Case("rows.csv.gz", lambda rows: gzip.compress(delimited(",", "\n")(rows))),
    Case("rows.tsv", delimited("\t")),
    Case("rows.parquet", parquet),
]
TABULAR = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def documents(found: list[Document | Quarantined]) -> list[Document]:
    """Return what was read, which must be documents only."""
    assert [one for one in found if isinstance(one, Quarantined)] == []
    return [one for one in found if isinstance(one, Document)]


@TABULAR
def test_rows_become_documents(case: Case, read_all: ReadAll) -> None:
    """Text, order, row numbers and fields are those of the rows, in every format."""
    found = documents(read_all({case.name: case.write(ROWS)}))
    assert [row["text"] for row in ROWS] == [one.text for one in found]
    assert [one.provenance.record for one in found if case.name[-4:] != "html"] == ["1", "2", "3"]
    assert [row["title"] for row in ROWS] == [one.given[0].value for one in found]
    assert [one.given[1].field if len(one.given) > 1 else None for one in found] == ["author", "author", None]
    assert found[0].given[1] == Candidate("author", "Ada Quill", "given", "column 'author'", "column")


@TABULAR
def test_rows_hold_law_0(case: Case, read_all: ReadAll) -> None:
    """The text of a row encodes back to the bytes whose digest it carries."""
    for one in documents(read_all({case.name: case.write(ROWS)})):
        assert sha256(encode_back(one)).hexdigest() == one.provenance.bytes_sha256
        assert not one.provenance.lossy


@TABULAR
def test_ids_are_stable_distinct_and_independent_of_other_rows(case: Case, read_all: ReadAll) -> None:
    """The id comes from source, path and row, so appending a row changes no id before it."""
    short = documents(read_all({case.name: case.write(ROWS[:2])}))
    long = documents(read_all({case.name: case.write(ROWS)}))
    assert [one.id for one in short] == [one.id for one in long][:2]
    assert len({one.id for one in long}) == 3
    assert all(len(one.id) == 16 and set(one.id) <= set("0123456789abcdef") for one in long)


@TABULAR
def test_given_ids_and_configured_columns(case: Case, read_all: ReadAll) -> None:
    """The id column and a configured text column are taken as they are."""
    rows = [{"id": f"n{n}", "prose": row["text"], "text": "not this"} for n, row in enumerate(ROWS)]
    found = documents(read_all({case.name: case.write(rows)}, Options(columns=Columns(text="prose"))))
    assert [("n0", ROWS[0]["text"]), ("n1", ROWS[1]["text"])] == [(one.id, one.text) for one in found][:2]


@TABULAR
def test_a_row_without_text_is_quarantined_alone(case: Case, read_all: ReadAll) -> None:
    """An empty text costs its row; the others are read."""
    rows = [ROWS[0], {**ROWS[1], "text": ""}, ROWS[2]]
    found = read_all({case.name: case.write(rows)})
    assert [Document, Quarantined, Document] == [type(one) for one in found]
    assert isinstance(found[1], Quarantined)
    assert (found[1].record, found[1].reason) == ("2", "empty")


@TABULAR
def test_no_text_column_is_refused_with_the_columns_there_are(case: Case, read_all: ReadAll) -> None:
    """The message lists what the file has, the remedy names the option."""
    found = read_all({case.name: case.write([{"words": "a b c", "by": "d"}])})
    assert all(isinstance(one, Quarantined) and one.reason == "no-text" for one in found)
    assert isinstance(found[0], Quarantined)
    assert "'words'" in found[0].message
    assert "[ingest.columns]" in found[0].remedy


@TABULAR
def test_newlines_inside_a_value_are_normalised(case: Case, read_all: ReadAll) -> None:
    """A value with CRLF throughout reads with LF and remembers."""
    (one,) = documents(read_all({case.name: case.write([{"text": "a\r\nb\r\n", "title": "t"}])}))
    assert (one.text, one.provenance.newline) == ("a\nb\n", "crlf")
    assert sha256(encode_back(one)).hexdigest() == one.provenance.bytes_sha256


BAD_ROWS = {
    "bad.jsonl": (b'{"text": "one"}\n', b'{"text": "caf\xe9"}\n', b'{"text": "three"}\n', "undecodable"),
    "json.jsonl": (b'{"text": "one"}\n', b'{"text": "two"\n', b'{"text": "three"}\n', "bad-json"),
    "number.jsonl": (b'{"text": "one"}\n', b'{"text": 5}\n', b'{"text": "three"}\n', "wrong-type"),
    "list.jsonl": (b'{"text": "one"}\n', b'["two"]\n', b'{"text": "three"}\n', "wrong-type"),
    "null.jsonl": (b'{"text": "one"}\n', b'{"text": null}\n', b'{"text": "three"}\n', "no-text"),
    "surrogate.jsonl": (b'{"text": "one"}\n', b'{"text": "\\ud83d"}\n', b'{"text": "three"}\n', "lone-surrogate"),
    "long.jsonl": (b'{"text": "one"}\n', b'{"text": "' + b"x" * 5000 + b'"}\n', b'{"text": "three"}\n', "too-large"),
    "deep.jsonl": (b'{"text": "one"}\n', b'{"a": ' + b"[" * 2000 + b'\n', b'{"text": "three"}\n', "bad-json"),
    "fields.csv": (b"text,title\none,a\n", b"two\n", b"three,c\n", "bad-csv"),
    "quote.csv": (b"text,title\none,a\n", b'two,"b" c\n', b"three,c\n", "bad-csv"),
    "open.csv": (b"text,title\none,a\n", b'two,"b\n', b"three,c\n", "bad-csv"),
    "byte.csv": ("text,title\none é,a\n".encode(), b"tw\xff,b\n", b"three,c\n", "undecodable"),
    "long.csv": (b"text,title\none,a\n", b"x" * 5000 + b",b\n", b"three,c\n", "too-large"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_costs_itself_and_says_where_it_starts(name: str, read_all: ReadAll) -> None:
    """Rows before and after it are read; the offset points into the bad row."""
    before, bad, after, reason = BAD_ROWS[name]
    found = read_all({name: before + bad + after}, Options(limits=Limits(record_bytes=4500)))
    assert [Document, Quarantined, Document] == [type(one) for one in found]
    one = found[1]
    assert isinstance(one, Quarantined)
    assert (reason, "2") == (one.reason, one.record)
    assert one.offset == -1 or len(before) <= one.offset < len(before) + len(bad)
    assert one.message
    assert one.remedy
    assert isinstance(found[2], Document)
    assert found[2].text == "three"


def test_parquet_strings_that_are_not_utf8_cost_their_row(read_all: ReadAll) -> None:
    """Arrow does not look into strings; we do."""
    good = pa.array([b"one", b"caf\xe9", b"three"], pa.binary()).view(pa.string())
    out = io.BytesIO()
    pq.write_table(pa.table({"text": good}), out)
    found = read_all({"a.parquet": out.getvalue()})
    assert [Document, Quarantined, Document] == [type(one) for one in found]
    assert isinstance(found[1], Quarantined)
    assert (found[1].record, found[1].reason) == ("2", "undecodable")


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_a_truncated_file_keeps_the_rows_before_the_break(pack: Callable[[bytes], bytes], read_all: ReadAll) -> None:
    """Whole rows are read; the rest is one quarantine entry."""
    rows = [{"text": f"row {n} " + sha256(str(n).encode()).hexdigest() * 4} for n in range(4000)]
    packed = pack(jsonl(rows))
    name = "cut.jsonl.gz" if pack is gzip.compress else "cut.jsonl.zst"
    found = read_all({name: packed[: len(packed) * 2 // 3]})
    kept = [one for one in found if isinstance(one, Document)]
    assert 1000 < len(kept) < 4000
    assert [row["text"] for row in rows[: len(kept)]] == [one.text for one in kept]
    assert [one.reason for one in found if isinstance(one, Quarantined)] == ["broken-archive"]


def test_a_gzip_of_several_members_is_one_file(read_all: ReadAll) -> None:
    """Concatenated gzip files are read to the end, also with zero padding behind them."""
    packed = gzip.compress(jsonl(ROWS[:1])) + gzip.compress(jsonl(ROWS[1:])) + b"\0" * 512
    assert [row["text"] for row in ROWS] == [one.text for one in documents(read_all({"a.jsonl.gz": packed}))]


def test_a_bomb_is_quarantined(read_all: ReadAll) -> None:
    """What unpacks to a thousand times its size stops at the ratio."""
    found = read_all({"a.txt.gz": gzip.compress(b"a" * (40 << 20))})
    assert [one.reason for one in found if isinstance(one, Quarantined)] == ["too-large"]


def test_wrong_parquet_files_are_one_entry(read_all: ReadAll) -> None:
    """No footer, or a text column of numbers: the file is refused as a whole."""
    numbers = io.BytesIO()
    pq.write_table(pa.table({"text": [1, 2]}), numbers)
    found = read_all({"a.parquet": b"PAR1 nothing", "b.parquet": numbers.getvalue()})
    assert [one.reason for one in found if isinstance(one, Quarantined)] == ["broken-parquet", "wrong-type"]


def test_spreadsheet_csv_in_windows_1252(read_all: ReadAll) -> None:
    """Excel saves CSV in Windows-1252; rows are read in it, and plain ones in UTF-8."""
    data = "text;title\r\nDéjà vu – encore;café\r\nplain;a\r\n".encode("cp1252")
    first, second = documents(read_all({"a.csv": data}))
    assert (
        first.text,
        first.provenance.encoding,
        second.provenance.encoding,
    ) == ("Déjà vu – encore", "cp1252", "utf-8")
    assert "Déjà vu – encore".encode("cp1252") == encode_back(first)


def test_json_fields_of_many_shapes(read_all: ReadAll) -> None:
    """Lists of names, objects with a name and nested metadata are all given fields; NaN is no error."""
    row = (
        b'{"content": "x", "authors": ["A B", {"name": "C D"}], "source": {"name": "Mill"}, '
        b'"n": NaN, "metadata": {"date": "2021-03-04"}}\n'
    )
    (one,) = documents(read_all({"a.jsonl": row}))
    assert [(c.field, c.value) for c in one.given] == [
        ("author", "A B"),
        ("author", "C D"),
        ("date_published", "2021-03-04"),
    ]
    assert one.given[2].evidence == "column 'metadata.date'"
    assert one.source == "Mill"


def test_hostile_fields_stay_small_and_on_one_line(read_all: ReadAll) -> None:
    """A megabyte of title is no title, ten thousand authors are cut, a source name holds no control characters."""
    row = {"text": "x", "title": "t" * 1_000_000, "author": ["A"] * 10_000, "source": "Mill\n\x1b[31m\x00 Press"}
    (one,) = documents(read_all({"a.jsonl": jsonl([row])}))
    assert (len(one.given), one.source) == (200, "Mill Press")


def test_a_configured_column_that_is_missing_names_the_nearest(read_all: ReadAll) -> None:
    """A typing mistake in the configuration is visible in the quarantine."""
    found = read_all({"a.jsonl": b'{"prose": "x"}\n'}, Options(columns=Columns(text="prosa")))
    assert isinstance(found[0], Quarantined)
    assert "did you mean 'prose'" in found[0].message


def test_markdown_front_matter_is_given_and_not_text(read_all: ReadAll) -> None:
    """YAML and TOML at the head become fields; a thematic break does not."""
    yaml = b'---\r\ntitle: "Ice: a history"\r\nauthors:\r\n  - Bo Ek\r\ndate: 2020-01-02\r\n---\r\nThe ice came.\r\n'
    toml = b'+++\ntitle = "Snow"\n[author]\nname = "A B"\n+++\nIt snowed.\n'
    found = documents(read_all({"a.md": yaml, "b.md": toml, "c.md": b"---\nA line.\n---\nMore.\n"}))
    assert [one.text for one in found] == ["The ice came.\n", "It snowed.\n", "---\nA line.\n---\nMore.\n"]
    assert [c.value for c in found[0].given] == ["Ice: a history", "Bo Ek", "2020-01-02"]
    assert [c.value for c in found[1].given] == ["Snow", "A B"]
    assert all(sha256(encode_back(one)).hexdigest() == one.provenance.bytes_sha256 for one in found)
    assert found[0].provenance.newline == "crlf"


def test_null_in_front_matter_is_nobody(read_all: ReadAll) -> None:
    """As YAML says; what is quoted, or only begins so, is a text, and so is a key."""
    files = {
        "a.md": b"---\ntitle: null\nauthor: ~\ndate:\n---\nThe ice came.\n",
        "b.md": b"---\nnull: x\nauthors: [null, Ann Rook, NULL, ~]\ntitle: nullable\n---\nIt snowed.\n",
        "c.md": b"---\ntitle: 'null'\nauthor: \"~\"\nmeta: {~: x, lang: Null}\n---\nIt froze.\n",
    }
    found = documents(read_all(files))
    assert [[(one.field, one.value) for one in document.given] for document in found] == [
        [],
        [("title", "nullable"), ("author", "Ann Rook")],
        [("title", "null"), ("author", "~")],
    ]


def test_given_values_stand_without_escapes_of_a_terminal(read_all: ReadAll) -> None:
    """As the text, which loses them to a rule. What no field takes is kept as it came, and an id that holds any is refused."""
    bold = "\x1b[1m%s\x1b[0m"
    row = {"text": "The quay was still.", "title": bold % "Tides", "author": [bold % "Ada Quill", "Bo Ek", bold % " "],
           "source": bold % "The Quay", "url": bold % "https://example.org/a", "license": bold % "CC-BY-4.0",
           "tag": bold % "sea"}  # fmt: skip
    front = f"title: {bold % 'Tides'}\nauthor: {bold % 'Ada Quill'}\n"
    toml = front.replace(": ", ' = "').replace("\n", '"\n')
    page = f"""<html><head><script type="application/ld+json">{json.dumps({"@type": "Article", "headline": bold % "Tides",
               "author": {"@type": "Person", "name": bold % "Ada Quill"}})}</script></head><body><article><h1>Tides</h1>
               <p>{"The quay was still, and nobody came down to it. " * 9}</p></article></body></html>"""  # fmt: skip
    files = {"a.jsonl": jsonl([row]), "b.md": f"---\n{front}---\nThe mole was still.\n".encode(),
             "c.md": f"+++\n{toml}+++\nThe pier was still.\n".encode(), "d.html": page.encode()}  # fmt: skip
    rows, *others = documents(read_all(files))
    assert [(one.field, one.value) for one in rows.given] == [
        ("url", "https://example.org/a"), ("title", "Tides"), ("author", "Ada Quill"), ("author", "Bo Ek"),
        ("license", "CC-BY-4.0"),
    ]  # fmt: skip
    assert (rows.source, json.loads(rows.extra)) == ("The Quay", {"tag": bold % "sea"})
    assert len(others) == 3
    for one in others:
        assert {(one.field, one.value) for one in one.given} == {("title", "Tides"), ("author", "Ada Quill")}
        assert "\x1b" not in one.text
    (refused,) = [one for one in read_all({"e.jsonl": jsonl([{**row, "id": bold % "7"}])}) if isinstance(one, Quarantined)]
    assert refused.reason == "bad-id"


def test_a_very_long_line_is_bounded(read_all: ReadAll) -> None:
    """One line of 30 MB against a limit of 1 MB is one entry, and the next line is read."""
    data = b'{"text": "' + b"x" * (30 << 20) + b'"}\n{"text": "after"}\n'
    found = read_all({"a.jsonl": data}, Options(limits=Limits(record_bytes=1 << 20)))
    assert [(one.reason, one.record) for one in found if isinstance(one, Quarantined)] == [("too-large", "1")]
    assert [one.text for one in found if isinstance(one, Document)] == ["after"]


MOODS = {"mood": "grey", "page": 7, "tags": ["sea", None], "meta": {"lang": "en", "edition": 2}}


def test_columns_that_no_field_takes_are_kept_as_json(read_all: ReadAll) -> None:
    """In every format, sorted by name; what a field is read from, an empty cell and a whole second text are left out."""
    row = {"text": "The ice came.", "title": "Ice", "source": "Mill", "site": "mill.example", "none": None, **MOODS}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({name: [value] for name, value in row.items()} | {"picture": [b"\xff\xd8"]}), sink)
    files = {
        "a.jsonl": json.dumps({**row, "html": "<p>" * 5_000}).encode(),
        "b.parquet": sink.getvalue().to_pybytes(),
        "c.csv": b"text,title,mood,page,none\nThe ice came.,Ice,grey,7,\n",
        "d.md": b"---\ntitle: Ice\nmood: grey\npage: 7\nnone: ~\n---\nThe ice came.\n",
        "e.json": json.dumps([row]).encode(),
        "f.txt": b"The ice came.\n",
    }
    whole = '{"meta":{"edition":2},"mood":"grey","page":7,"site":"mill.example","tags":["sea",null]}'
    strings = '{"mood":"grey","page":"7"}'
    found = documents(read_all(files))
    assert [one.extra for one in found] == [whole, whole, strings, strings, whole, ""]


@pytest.mark.parametrize(
    ("option", "extra"),
    [("", '{"mood":"grey","page":7}'), ("-", ""), ("mood", '{"mood":"grey"}'), ("title", ""), ("nope", "")],
)
def test_which_columns_are_kept_can_be_said(read_all: ReadAll, option: str, extra: str) -> None:
    """All, none, or one."""
    row = {"text": "The ice came.", "title": "Ice", "mood": "grey", "page": 7}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({name: [value] for name, value in row.items()}), sink)
    files = {"a.jsonl": json.dumps(row).encode(), "b.parquet": sink.getvalue().to_pybytes()}
    found = documents(read_all(files, Options(columns=Columns(extra=option))))
    assert [one.extra for one in found] == [extra, extra]


def test_odd_values_beside_a_text_do_not_lose_it(read_all: ReadAll) -> None:
    """Half a surrogate pair, a number of any length, lists in lists in lists, a time that Python does not know, no UTF-8."""
    sink = pa.BufferOutputStream()
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    late = pa.array([2**60], pa.timestamp("us"))
    table = pa.table({"text": ["The ice came."], "bad": bad, "late": late, "day": pa.array([1], pa.date32())})
    pq.write_table(table, sink)
    files = {
        "a.jsonl": rb'{"text":"The ice came.","n":12345678901234567890123,"s":"\ud83d","x":NaN,"deep":' + b"[" * 900
        + b"]" * 900 + b"}",
        "b.parquet": sink.getvalue().to_pybytes(),
    }
    found = documents(read_all(files))
    assert found[0].extra == r'{"n":12345678901234567890123,"s":"\ud83d"}'
    assert found[1].extra == '{"day":"1970-01-02"}'
