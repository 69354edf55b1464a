"""Building against earlier releases, and the takedown list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from corpuskit.cli import cli
from corpuskit.config import BuildOptions, Config
from corpuskit.duplicates.options import Options
from corpuskit.errors import ConfigError, InputError
from corpuskit.run.build import Built, build, plan_of

HARBOUR = """The harbour office keeps two clocks, one for the tide and one for the ferry company, and they have not
agreed since the spring of the long strike. Anna Moberg winds both of them on Mondays. She says that the tide is
the more patient of the two, because it comes back whether or not anybody has written it down in the ledger.
"""
MILL = """Nobody at the mill remembers who painted the staircase green. The ledger of that year mentions a barrel
of paint, a broken ladder and a boy called Tomas who was sent home early. Everything else about the staircase
has to be guessed from the colour, which is the green of boats and not the green of doors.
"""
ORCHARD = """In the orchard behind the school the caretaker grafts old apples onto young stems. He keeps a list of
their names in a biscuit tin, and when a name is lost he makes one up from the weather of that day. So there is
an apple called Slow Rain, and another called Wind From The Gravel Pit.
"""
MORE = """There is a third clock in the cellar, which has been right twice a day for thirty years, and which the
children of the pilots believe to be the only honest one in the house.
"""


def write(raw: Path, **texts: str) -> Path:
    """A folder of texts, one JSON row each, with ids."""
    raw.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (raw / f"{name}.jsonl").write_text(json.dumps({"id": name, "text": text}) + "\n")
    return raw


def run(raw: Path, home: Path, name: str, **dedup: Any) -> Built:
    """Build the dataset `name` of `raw` below `home`."""
    config = Config(build=BuildOptions(name=name, raw=str(raw), processed=str(home), workers=1), dedup=Options(**dedup))
    return build(plan_of(config, home))


def rows(built: Built, config: str = "data") -> list[dict[str, Any]]:
    """Rows of a published config; none where it was left out."""
    folder = built.folder / config
    found: list[dict[str, Any]] = pq.read_table(folder).to_pylist() if folder.is_dir() else []
    return found


def ids(built: Built) -> list[str]:
    """Ids of the published texts."""
    return [row["id"] for row in rows(built)]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of two texts."""
    home = tmp_path_factory.mktemp("release")
    return run(write(home / "raw", harbour=HARBOUR, mill=MILL), home, "first")


def test_a_copy_of_a_released_text_is_left_out_and_names_it(first: Built, tmp_path: Path) -> None:
    """New texts alone: the copy goes, and `clusters` says which document of which release holds it."""
    raw = write(tmp_path / "raw", reprint=HARBOUR.upper(), orchard=ORCHARD)
    built = run(raw, tmp_path, "second", against=(str(first.folder),))
    assert ["orchard"] == ids(built)
    (copy,) = rows(built, "clusters")
    assert ("reprint", "harbour", "exact") == (copy["member"], copy["kept"], copy["kind"])
    assert f"first 1.0.0 sha256:{_digest_in_card(first)}" == copy["kept_release"]
    assert built.funnel is not None
    assert (("merged", "exact, in an earlier release", 1),) == built.funnel.reasons
    again = run(raw, tmp_path, "second", against=(str(first.folder),))
    assert (again.ran, again.packaged) == (0, False)


def _digest_in_card(built: Built) -> str:
    card = (built.folder / "README.md").read_text()
    return card.split("build sha256:", 1)[1][:16]


def test_a_kept_member_does_not_move_unless_asked(first: Built, tmp_path: Path) -> None:
    """A fuller text stays beside the released one; only with keep_release off does it take its place."""
    raw = write(tmp_path / "raw", harbour=HARBOUR, mill=MILL, fuller=HARBOUR + MORE)
    stays = run(raw, tmp_path, "stays", against=(str(first.folder),))
    assert ["fuller", "harbour", "mill"] == ids(stays)
    assert [("fuller", "harbour")] == [(row["id"], row["other"]) for row in rows(stays, "related")]
    moves = run(raw, tmp_path, "moves", against=(str(first.folder),), keep_release=False)
    assert ["fuller", "mill"] == ids(moves)
    assert [("harbour", "fuller", None)] == [
        (row["member"], row["kept"], row["kept_release"]) for row in rows(moves, "clusters")
    ]


def test_a_release_built_against_itself_is_itself(first: Built, tmp_path: Path) -> None:
    """Nothing new: the same texts stay, in the same rows."""
    raw = write(tmp_path / "raw", harbour=HARBOUR, mill=MILL)
    assert rows(first) == [
        {**row, "path": row["path"]} for row in rows(run(raw, tmp_path, "again", against=(str(first.folder),)))
    ]


def test_what_is_taken_down_does_not_come_back(first: Built, tmp_path: Path) -> None:
    """A listed id whose document is gone from the input is known by its text in the release: its copies stay out, and
    so does what holds it."""
    (tmp_path / "takedown.txt").write_text("# asked for by the heirs\n\nharbour\n")
    raw = write(tmp_path / "raw", reprint=HARBOUR.upper(), fuller=HARBOUR + MORE, orchard=ORCHARD)
    built = run(raw, tmp_path, "clean", against=(str(first.folder),), takedown="takedown.txt")
    assert ["orchard"] == ids(built)
    assert (("fuller", "harbour"), ("reprint", "harbour")) == built.withheld
    assert built.funnel is not None
    assert (("filtered", "takedown", 2),) == built.funnel.reasons
    assert [] == rows(built, "clusters")


def test_a_listed_text_keeps_its_copies_out_without_any_release(tmp_path: Path) -> None:
    """The list holds the text: no release is needed, and an id of which no text is known is told."""
    lines = [{"text": MILL, "reason": "a letter of May"}, {"id": "gone"}, {"id": "lost", "text": ""}, {"id": "orchard"}]
    (tmp_path / "takedown.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    raw = write(tmp_path / "raw", mill=MILL, harbour=HARBOUR, orchard=ORCHARD, graft=ORCHARD.lower())
    built = run(raw, tmp_path, "listed", takedown="takedown.jsonl")
    assert ["harbour"] == ids(built)
    assert {
        ("mill", "takedown.jsonl, line 1"), ("graft", "orchard"), ("orchard", "orchard"),
    } == set(built.withheld)  # fmt: skip
    assert ("gone",) == built.unknown
    assert built.needs_a_look
    said = CliRunner().invoke(cli, ["explain", "graft", "--processed", str(tmp_path), "--name", "listed"])
    assert "filtered: takedown" in said.output
    assert "orchard" in said.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": 7}\n', "line 1: an id or a text is wanted"),
        ('\n{"txt": "x"}\n', "line 2: an id or a text"),
        ("[1]\n", "line 1: write"),
        ("{\n", "line 1: no JSON object"),
        ('{"text": "\\ud800"}\n', "half of a surrogate pair"),
    ],
)
def test_a_wrong_takedown_list_names_the_line(tmp_path: Path, content: str, message: str) -> None:
    """A slip of the pen must not let a text through."""
    (tmp_path / "takedown.jsonl").write_text(content)
    with pytest.raises(ConfigError, match=message):
        run(write(tmp_path / "raw", mill=MILL), tmp_path, "wrong", takedown="takedown.jsonl")


def test_no_release_and_no_list_are_errors(tmp_path: Path) -> None:
    """A folder that is no dataset, and a list that is not there, are named."""
    raw = write(tmp_path / "raw", mill=MILL)
    with pytest.raises(InputError, match="no dataset folder to build against"):
        run(raw, tmp_path, "wrong", against=(str(raw),))
    with pytest.raises(ConfigError, match="there is no such file"):
        run(raw, tmp_path, "wrong", takedown="nothing.txt")


def test_a_listed_document_takes_its_text_along(first: Built, tmp_path: Path) -> None:
    """`takedown` writes the text beside the id, once: its copies stay out when neither input nor release has it."""
    list_ = tmp_path / "takedown.jsonl"
    list_.write_text('{"id": "other"}')
    arguments = ["takedown", "mill", "--processed", str(first.folder.parent), "--name", "first", "--list", str(list_)]
    for _ in range(2):
        done = CliRunner().invoke(cli, arguments)
        assert 0 == done.exit_code, done.output
    assert [{"id": "other"}, {"id": "mill", "text": MILL}] == [json.loads(line) for line in list_.read_text().splitlines()]
    built = run(write(tmp_path / "raw", copy=MILL.upper(), orchard=ORCHARD), tmp_path, "out", takedown="takedown.jsonl")
    assert ["orchard"] == ids(built)
    missing = CliRunner().invoke(cli, ["takedown", "nobody", *arguments[2:]])
    assert isinstance(missing.exception, InputError)


def test_the_filter_knows_releases_and_the_list_too(first: Built, tmp_path: Path) -> None:
    """`dedup` on JSON Lines names the release that holds a text, and what is withdrawn."""
    (tmp_path / "list.txt").write_text("mill\n")
    (tmp_path / "corpuskit.toml").write_text('[dedup]\ntakedown = "list.txt"\n')
    texts = {"a": HARBOUR.upper(), "b": ORCHARD, "c": ORCHARD, "d": MILL, "harbour": HARBOUR + MORE}
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"id": k, "text": v}) + "\n" for k, v in texts.items()))
    arguments = ["dedup", str(tmp_path / "in.jsonl"), "-c", str(tmp_path / "corpuskit.toml")]
    done = CliRunner().invoke(cli, [*arguments, "--against", str(first.folder), "-q"])
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [
        {"cluster": "b", "kept": "b", "members": ["b", "c"], "kind": "exact"},
        {"cluster": "harbour", "kept": "harbour", "members": ["harbour", "a"], "kind": "contained"},
        {"cluster": "mill", "kept": None, "members": ["d"], "kind": "withdrawn",
         "kept_release": f"first 1.0.0 sha256:{_digest_in_card(first)}"},
    ] == found  # fmt: skip
