"""Which files, whose, and under which id."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.errors import ConfigError, InputError
from corpuskit.model import Document, Quarantined
from corpuskit.sources import Options, Place, digest, discover, duplicate_ids, parse_sources, read
from corpuskit.sources.declared import glob_matches
from corpuskit.sources.identity import derive_id, site_of

from .conftest import ReadAll

DECLARED = """
[[source]]
name = "Mill"
publisher = "Mill Press"
license = "CC-BY-4.0"
files = ["mill/**", "*.md"]
invented = true

[[source]]
name = "River"
files = ["river/*.txt"]
"""


def test_discovery_is_sorted_and_skips_what_is_not_input(tmp_path: Path) -> None:
    """Hidden files, hidden folders, the folder's own descriptions and ignored globs are left out."""
    for name in (
        "b.txt",
        "a/z.jsonl.gz",
        "a/b.csv",
        ".hidden.txt",
        ".git/x.txt",
        "sources.toml",
        "README.md",
        "drop/x.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = discover(tmp_path, Options(ignore=("drop/",)))
    assert [(file.path, file.format, file.compression) for file in found] == [
        ("a/b.csv", "csv", ""),
        ("a/z.jsonl.gz", "jsonl", "gz"),
        ("b.txt", "text", ""),
    ]
    assert sha256(b"x").hexdigest() == digest(tmp_path, found[0])


def test_links_outside_are_quarantined_and_links_inside_read_once(tmp_path: Path) -> None:
    """A link never leads a reader out of the input folder, nor to the same file twice."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (inside / "a.txt").write_text("text")
    (inside / "b.txt").symlink_to("a.txt")
    (inside / "c.txt").symlink_to("../secret.txt")
    (inside / "d").symlink_to("..", target_is_directory=True)
    (inside / "loop").symlink_to(".", target_is_directory=True)
    assert [(file.path, file.format) for file in discover(inside, Options())] == [
        ("a.txt", "text"),
        ("b.txt", "again"),
        ("c.txt", "link"),
        ("d", "link"),
    ]


def test_a_link_is_read_where_its_file_is_not(tmp_path: Path) -> None:
    """Of a hidden, an ignored and an unknown file the first link in the order of paths is read; a chain leads to its end."""
    for name in (".draft.txt", "old.md", "plain.dat", "z/Caf\u00e9.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"text of {name}")
    leads = {"a": "f.txt", "b": "c.txt", "c": ".draft.txt", "d": "old.md", "e": "plain.dat", "f": "z/Caf\u00e9.txt"}
    for name, target in leads.items():
        (tmp_path / f"{name}.txt").symlink_to(target)
    found = discover(tmp_path, Options(ignore=("old.md",)))
    assert {file.path: file.same_as or file.format for file in found} == {
        "a.txt": "z/Caf\u00e9.txt", "b.txt": "text", "c.txt": "b.txt", "d.txt": "text", "e.txt": "text",
        "f.txt": "z/Caf\u00e9.txt", "plain.dat": "unknown", "z/Caf\u00e9.txt": "text",
    }  # fmt: skip
    every = [one for file in found for one in read(tmp_path, file, parse_sources(""), Options())]
    texts = [one.text for one in every if isinstance(one, Document)]
    assert texts == [f"text of {name}" for name in (".draft.txt", "old.md", "plain.dat", "z/Caf\u00e9.txt")]
    assert [file.same_as for file in discover(tmp_path / "a.txt", Options())] == [""]


def test_paths_are_nfc_and_still_open(tmp_path: Path, read_all: ReadAll) -> None:
    """A file name in decomposed form has the same path, and so the same id, as its composed form."""
    found = read_all({"Cafe\u0301.txt": b"words"})
    assert isinstance(found[0], Document)
    assert found[0].provenance.path == "Caf\u00e9.txt"


def test_odd_files_are_quarantined_not_read(tmp_path: Path, read_all: ReadAll) -> None:
    """A name that is no UTF-8, a pipe and an unknown extension are entries with a remedy."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe.txt")
    found = read_all({"a.xyz": b"x"})
    assert {"bad-name", "special-file", "unknown-format"} == {
        one.reason for one in found if isinstance(one, Quarantined)
    }
    assert all(one.path.encode() and one.remedy for one in found if isinstance(one, Quarantined))


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    """The error names the folder and what to give instead."""
    with pytest.raises(InputError, match="nowhere: No such file or directory; name a folder"):
        discover(tmp_path / "nowhere", Options())


def test_one_file_is_an_input(tmp_path: Path) -> None:
    """A file may stand in place of a folder."""
    (tmp_path / "a.txt").write_text("x")
    assert [file.path for file in discover(tmp_path / "a.txt", Options())] == ["a.txt"]


def test_declared_sources_give_name_and_facts(read_all: ReadAll) -> None:
    """A file belongs to the source whose globs match, and carries what the source says."""
    found = read_all(
        {"mill/x/a.txt": b"a", "river/b.txt": b"b", "river/deep/c.txt": b"c"},
        declared=parse_sources(DECLARED),
    )
    assert [one.source for one in found if isinstance(one, Document)] == [("Mill"), ("River"), ("river")]
    assert isinstance(found[0], Document)
    assert [(c.field, c.value) for c in found[0].given] == [("publisher", "Mill Press"), ("license", "CC-BY-4.0")]
    assert found[0].given[0].evidence == "sources.toml, source 'Mill'"


def test_underived_sources_come_from_row_url_or_folder(read_all: ReadAll) -> None:
    """A source column, else the site of the url, else the first folder, else nothing."""
    rows = (
        b'{"text": "a", "source": "Own", "url": "https://x.example/"}\n'
        b'{"text": "b", "url": "https://www.Site.example/p"}\n{"text": "c"}\n'
    )
    found = read_all({"folder/a.jsonl": rows, "b.txt": b"d"})
    assert [one.source for one in found if isinstance(one, Document)] == ["", "Own", "site.example", "folder"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[source]]\nname = "a"\nlicence = "x"',
            "source 1: unknown key 'licence' (did you mean 'license'?)",
        ),
        ('[[sources]]\nname = "a"', "unknown table 'sources' (did you mean 'source'?)"),
        ('[source]\nname = "a"', "two brackets"),
        ("[[source]]\nurl = 'x'", "name is missing"),
        ('[[source]]\nname = "a"\n[[source]]\nname = "a"', "two sources are called 'a'"),
        ('[[source]]\nname = "a"\nfiles = 3', "files must be a list"),
        ('[[source]]\nname = "a"\ninvented = "yes"', "true or false"),
        ("[[source]", "sources.toml: "),
        ('[[source]]\nname = "a"\nlanguage = "klingon-7"', "sources.toml, source 1: language = 'klingon-7'"),
    ],
)
def test_mistakes_in_sources_toml_are_named(text: str, message: str) -> None:
    """Every mistake is a configuration error that says what is wrong where."""
    with pytest.raises(ConfigError) as caught:
        parse_sources(text)
    assert message in str(caught.value)


def test_a_file_of_two_sources_is_an_error_naming_both() -> None:
    """Nobody guesses which of two declared sources a file belongs to."""
    declared = parse_sources('[[source]]\nname = "A"\nfiles = ["**"]\n[[source]]\nname = "B"\nfiles = ["*.txt"]')
    with pytest.raises(ConfigError, match="two sources, 'A' and 'B'"):
        declared.of("x.txt")


def test_the_digest_of_sources_is_that_of_their_meaning() -> None:
    """A comment changes nothing, a licence does."""
    assert parse_sources(DECLARED).digest == parse_sources("# note\n" + DECLARED).digest
    assert parse_sources(DECLARED).digest != parse_sources(DECLARED.replace("CC-BY-4.0", "CC0-1.0")).digest


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("a/**", "a/b/c.txt", True),
        ("a/", "a/b/c.txt", True),
        ("a/*", "a/b/c.txt", False),
        ("**/*.txt", "c.txt", True),
        ("**/*.txt", "a/b/c.txt", True),
        ("*.txt", "a/c.txt", False),
        ("a?.txt", "ab.txt", True),
        ("a.txt", "abtxt", False),
        ("a", "a/b", False),
    ],
)
def test_globs(glob: str, path: str, expected: bool) -> None:
    """``**`` crosses folders, ``*`` and ``?`` do not."""
    assert expected is glob_matches(glob, path)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.Mill.example:443/a?b", "mill.example"),
        ("http://user@blog.mill.example", "blog.mill.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("mill.example", ""),
        ("javascript:alert(1)", ""),
        ("https://[broken/", ""),
        ("https://a b/", ""),
        ("", ""),
    ],
)
def test_sites(url: str, site: str) -> None:
    """The site is the host; what is no web address has none."""
    assert site == site_of(url)


def test_ids_are_the_published_ones() -> None:
    """An id depends on source, path and record alone; this value must never change."""
    assert sha256(b"Mill\0a.jsonl\x003\0").hexdigest()[:16] == derive_id("Mill", "a.jsonl", "3")


def test_the_later_of_two_equal_ids_is_quarantined_naming_both() -> None:
    """Rows are ordered as numbers, whatever order the places come in."""
    places = [
        Place("x", "a.jsonl", "10"),
        Place("x", "a.jsonl", "9"),
        Place("y", "a.jsonl", "1"),
        Place("x", "b.jsonl", "1"),
    ]
    found = duplicate_ids(places)
    assert [(one.path, one.record) for one in found] == [("a.jsonl", "10"), ("b.jsonl", "1")]
    assert "a.jsonl (10)" in found[0].message
    assert "a.jsonl (9)" in found[0].message


@given(
    st.lists(
        st.builds(Place, st.sampled_from("xyz"), st.sampled_from("ab"), st.sampled_from(["1", "2", "m:1", ""])),
        unique=True,
    ),
    st.randoms(),
)
def test_duplicate_ids_do_not_depend_on_order(places: list[Place], random: Random) -> None:
    """Shuffled places give the same entries, and every id keeps exactly one place."""
    shuffled = list(places)
    random.shuffle(shuffled)
    assert duplicate_ids(places) == duplicate_ids(shuffled)
    assert len({place.id for place in places}) == len(places) - len(duplicate_ids(places))


def test_a_wrong_encoding_name_is_a_configuration_error(read_all: ReadAll) -> None:
    """An encoding that Python does not know, or that is none, is exit code 2, not a file's fault."""
    for name in ("utf8-mac", "rot13"):
        with pytest.raises(ConfigError, match=name):
            read_all({"a.txt": b"x"}, Options(encoding=name))


def test_of_two_spellings_of_one_name_one_is_read(tmp_path: Path, read_all: ReadAll) -> None:
    """é as one letter and as e with an accent are one path in NFC: the first is read, the other quarantined, none is lost."""
    for name in ("\u00e9.txt", "e\u0301.txt", "e.txt"):
        (tmp_path / name).write_text(f"The text of {name!a}.")
    found = read_all({})
    assert [one.text for one in found if isinstance(one, Document)] == ["The text of 'e.txt'.", r"The text of '\xe9.txt'."]
    refused = [(one.path, one.reason) for one in found if isinstance(one, Quarantined)]
    assert refused == [("\u00e9.txt", "same-name")]
    assert [file.on_disk for file in discover(tmp_path, Options())] == ["e.txt", "\u00e9.txt", "e\u0301.txt"]
