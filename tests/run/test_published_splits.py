"""Splits as they are published, and from release to release."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpuskit.config import BuildOptions, Config
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.splits import SplitOptions, draw
from corpuskit.errors import ConfigError
from corpuskit.run.build import Built, build, plan_of

WORDS = [first + last for first in ("har", "mil", "or", "ten", "pil", "gra") for last in ("bour", "ler", "chard", "vel", "ot")]
HELD_OUT = SplitOptions(validation=0.3, test=0.3)


def prose(seed: int, words: int = 60) -> str:
    """Sentences of words drawn at random: no two seeds share a passage."""
    draw_ = random.Random(seed)
    return " ".join(
        " ".join(draw_.choices(WORDS, k=6)).capitalize() + "." for _ in range(words // 6)
    )


def run(home: Path, name: str, documents: list[dict[str, Any]], split: SplitOptions, *against: Built) -> Built:
    """Build documents given as rows."""
    raw = home / f"raw-{name}"
    raw.mkdir()
    (raw / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents))
    config = Config(
        build=BuildOptions(name=name, raw=str(raw), processed=str(home), workers=1),
        dedup=Options(against=tuple(str(one.folder) for one in against)),
        split=split,
    )
    return build(plan_of(config, home))


def splits(built: Built) -> dict[str, str]:
    """The split of each published text, by the name of its file."""
    return {
        id_: path.name.split("-")[0]
        for path in sorted((built.folder / "data").glob("*.parquet"))
        for id_ in pq.read_table(path, columns=["id"]).column("id").to_pylist()
    }


def documents(count: int, **columns: Any) -> list[dict[str, Any]]:
    """Rows with ids and texts."""
    return [{"id": f"d{at}", "text": prose(at), **columns} for at in range(count)]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of twenty texts in three splits."""
    return run(tmp_path_factory.mktemp("splits"), "first", documents(20), HELD_OUT)


def test_each_text_goes_where_its_id_says(first: Built) -> None:
    """The split is the stable hash of the id, and the card and `datasets` know all three."""
    import datasets

    expected = {f"d{at}": draw(f"id\0d{at}", HELD_OUT.shares) for at in range(20)}
    assert expected == splits(first)
    assert {"train", "validation", "test"} == set(expected.values())
    loaded = datasets.load_dataset(str(first.folder), streaming=True)
    assert expected == {row["id"]: name for name, part in loaded.items() for row in part}
    assert "by a stable hash of the id" in (first.folder / "README.md").read_text()


def test_no_text_changes_its_split_in_a_later_release(first: Built, tmp_path: Path) -> None:
    """With other shares, another salt and new texts, released texts stay; with inherit off they are drawn anew."""
    more = [*documents(20), {"id": "new", "text": prose(99)}]
    options = SplitOptions(test=0.9, salt="another")
    later = splits(run(tmp_path, "later", more, options, first))
    assert splits(first) == {id_: later[id_] for id_ in splits(first)}
    assert draw("id\0new", options.shares) == later["new"]
    anew = SplitOptions(test=0.9, salt="another", inherit=False)
    assert {row["id"]: draw(f"id\0{row['id']}", anew.shares) for row in more} == splits(
        run(tmp_path, "anew", more, anew, first)
    )


def test_a_fuller_text_stays_in_the_split_of_the_released_one_that_it_holds(first: Built, tmp_path: Path) -> None:
    """Both are published, one in each release; trained on, the new one would give away what was held out."""
    fuller = [{"id": f"n{at}", "text": f"{prose(at)} {prose(900 + at, 36)}"} for at in range(20)]
    before, after = splits(first), splits(run(tmp_path, "second", fuller, HELD_OUT, first))
    assert 20 == len(after)
    assert {id_.replace("d", "n"): split for id_, split in before.items()} == after


def test_without_shares_a_later_release_still_keeps_the_splits(first: Built, tmp_path: Path) -> None:
    """Forgetting [split] must not pour the test texts into train."""
    later = splits(run(tmp_path, "later", documents(21), SplitOptions(), first))
    assert {**splits(first), "d20": "train"} == later


def test_an_author_and_a_series_are_not_torn_apart(tmp_path: Path) -> None:
    """All texts of an author, or of a series of the input, go to one split, in a later release too."""
    rows = [{**row, "author": f"Mira Holt{'en' * (at % 2)}", "series": f"Walks {at % 3}"} for at, row in enumerate(documents(12))]
    by_author = splits(run(tmp_path, "author", rows, SplitOptions(test=0.5, by="author", salt="c")))
    for odd in (0, 1):
        assert 1 == len({by_author[f"d{at}"] for at in range(odd, 12, 2)})
    first = run(tmp_path, "series", rows[:6], SplitOptions(test=0.5, by="series"))
    options = SplitOptions(test=0.5, by="series", salt="other")
    later = splits(run(tmp_path, "later", rows[6:], options, first))
    assert {f"d{at}": splits(first)[f"d{at % 3}"] for at in range(6, 12)} == later


def test_one_split_need_not_be_train(tmp_path: Path) -> None:
    """A corpus that is all test is published as test."""
    assert {"d0": "test", "d1": "test"} == splits(run(tmp_path, "test", documents(2), SplitOptions(test=1.0)))


def test_rows_that_are_packaged_alone_get_their_splits_too(first: Built, tmp_path: Path) -> None:
    """`package IN` acts on [split] and on releases like a build."""
    from click.testing import CliRunner

    from corpuskit.cli import cli

    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents(22)))
    (tmp_path / "corpuskit.toml").write_text("[split]\ntest = 1.0\n")
    arguments = ["package", str(tmp_path / "rows.jsonl"), "-c", str(tmp_path / "corpuskit.toml"), "--name", "rows"]
    done = CliRunner().invoke(cli, [*arguments, "--processed", str(tmp_path), "--against", str(first.folder), "-q"])
    assert 0 == done.exit_code, done.output
    found = {
        id_: path.name.split("-")[0]
        for path in (tmp_path / "rows" / "data").glob("*.parquet")
        for id_ in pq.read_table(path, columns=["id"]).column("id").to_pylist()
    }
    assert {**splits(first), "d20": "test", "d21": "test"} == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "autor"}, "did you mean 'author'"),
        ({"test": 1.2}, "add up to 1"),
        ({"train": 0.5, "test": 0.2}, "add up to 1"),
    ],
)
def test_wrong_splits_are_refused(options: dict[str, Any], message: str) -> None:
    """Shares must be shares, and what holds texts together must be known."""
    with pytest.raises(ConfigError, match=message):
        SplitOptions(**options)
