"""Folders that load, folders that fail, and folders that lie."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuskit import __version__
from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.verify import builders, verify
from corpuskit.errors import OutputError, VerifyError

from .making import TEXTS, make_dataset


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound dataset, not to be changed."""
    return make_dataset(tmp_path_factory.mktemp("processed"))


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(built, tmp_path / "essays"))


def texts(folder: Path, cache: Path) -> list[str]:
    """The texts as `datasets` loads them with a given cache."""
    import datasets

    found: list[str] = datasets.load_dataset(str(folder), split="train", cache_dir=str(cache))["text"][:]
    return found


def test_the_builders_are_those_of_load_dataset(built: Path, tmp_path: Path) -> None:
    """That the card is read once for all configs changes nothing of what `datasets` is told about each."""
    import datasets

    builder_of = builders(datasets, built, str(tmp_path))
    names = datasets.get_dataset_config_names(str(built))
    assert len(names) > 2
    for name in names:
        ours, theirs = builder_of(name), datasets.load_dataset_builder(str(built), name, cache_dir=str(tmp_path))
        assert type(ours).__mro__[1:] == type(theirs).__mro__[1:]
        for said in ("cache_dir", "config", "config_id", "hash", "info", "dataset_name", "base_path", "repo_id"):
            assert getattr(ours, said) == getattr(theirs, said), said


def edit_card(folder: Path, *changes: tuple[str, str]) -> None:
    """Replace passages of the card."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    card.write_text(text, encoding="utf-8")


def first_file(folder: Path) -> Path:
    """The file of the config `default`."""
    return folder / "data" / "train-00000-of-00001.parquet"


def test_sound_dataset(built: Path) -> None:
    """Every config loads, plain and streaming, with the rows and values that were written."""
    report = verify(built)
    assert () == report.findings
    assert [
        (config, reader, rows)
        for config, rows in (("default", 3), ("removed", 1), ("sources", 1))
        for reader in ("datasets", "datasets, streaming")
    ] == [(loaded.config, loaded.reader, loaded.rows) for loaded in report.loaded]
    assert report is report.require()


def test_all_readers(built: Path) -> None:
    """polars, duckdb and pandas, as far as they are here, read the same values."""
    report = verify(built, all_readers=True)
    assert report.ok
    missing = {finding.message.split()[0] for finding in report.findings}
    tried = {loaded.reader for loaded in report.loaded}
    assert {"datasets", "datasets, streaming", "polars", "duckdb", "pandas"} == tried | missing
    assert 3 == len({loaded.digest for loaded in report.loaded})


def test_nothing_is_left_behind(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is thrown away, the settings of `datasets` and the environment are as before."""
    import datasets

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    datasets.enable_progress_bars()
    datasets.logging.set_verbosity_info()
    before = sorted(path for path in built.rglob("*"))
    environment = dict(os.environ)
    try:
        assert verify(built, scratch=tmp_path).ok
        assert datasets.logging.INFO == datasets.logging.get_verbosity()
        assert not datasets.utils.are_progress_bars_disabled()
    finally:
        datasets.logging.set_verbosity_warning()
    assert ([], before) == (list(tmp_path.iterdir()), sorted(path for path in built.rglob("*")))
    assert environment == dict(os.environ)


def test_rebuilt_rows_are_not_stale(tmp_path: Path) -> None:
    """A rebuild is seen by `load_dataset` with the cache of the build before, although all else is the same.

    `datasets` caches a local folder by the YAML of its card. The first half shows the trap: new files
    under the old YAML give the old rows. The second shows the cure, with nothing changed but the digest.
    """
    changed = (*TEXTS[:2], TEXTS[2][::-1])
    old = make_dataset(tmp_path / "old", texts=TEXTS)
    new = make_dataset(tmp_path / "new", texts=changed)
    cache = tmp_path / "cache"
    assert list(TEXTS) == texts(old, cache)
    before, after = ((path / "README.md").read_text().split("build sha256:")[1][:64] for path in (old, new))
    shutil.copyfile(first_file(new), first_file(old))
    assert list(TEXTS) == texts(old, cache)
    assert not verify(old).ok
    edit_card(old, (before, after))
    assert list(changed) == texts(old, cache)
    assert verify(old, fresh=True).ok


def no_rows_beside(folder: Path) -> None:
    """Put an empty file beside the full one."""
    first = first_file(folder)
    pq.write_table(pq.read_table(first).slice(0, 0), first.with_name("train-00001-of-00002.parquet"))


def null_column_first(folder: Path) -> None:
    """Make a first file whose titles have no type."""
    rows = pq.read_table(first_file(folder))
    at = rows.schema.get_field_index("title")
    bare = rows.slice(0, 1).set_column(at, "title", pa.nulls(1))
    titled = rows.slice(1).set_column(at, "title", pa.array(["Noon", "Rain"]))
    pq.write_table(bare, first_file(folder))
    pq.write_table(titled, folder / "data" / "train-00001-of-00002.parquet")


def null_column_first_unstated(folder: Path) -> None:
    """Without features in the card the first file decides, and its null column takes no text."""
    null_column_first(folder)
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8")
    start, end = text.index("dataset_info:"), text.index("---\n", 4)
    card.write_text(text[:start] + text[end:], encoding="utf-8")


def extra_column_later(folder: Path) -> None:
    """Make a second file with one more column."""
    rows = pq.read_table(first_file(folder))
    pq.write_table(rows.slice(0, 2), first_file(folder))
    more = rows.slice(2).append_column("mood", pa.array(["calm"]))
    pq.write_table(more, folder / "data" / "train-00001-of-00002.parquet")


def truncated(folder: Path) -> None:
    """Cut a file in half."""
    data = first_file(folder).read_bytes()
    first_file(folder).write_bytes(data[: len(data) // 2])


def stray_row_file(folder: Path) -> None:
    """Put a second copy of the rows under the pattern."""
    shutil.copyfile(first_file(folder), folder / "data" / "train-00009-of-00009.parquet")


def stray_temporary(folder: Path) -> None:
    """Leave what an aborted copy leaves."""
    shutil.copyfile(first_file(folder), folder / "data" / "train-00000-of-00001.parquet.tmp")


def fewer_rows(folder: Path) -> None:
    """Lose a row."""
    pq.write_table(pq.read_table(first_file(folder)).slice(1), first_file(folder))


def no_file(folder: Path) -> None:
    """Lose the file."""
    first_file(folder).unlink()


def no_card(folder: Path) -> None:
    """Lose the card."""
    (folder / "README.md").unlink()


def beside(folder: Path) -> None:
    """Put other files into the folder."""
    (folder / "stats.json").write_text("{}")
    (folder / "report.html").write_text("<p>")


def yaml_change(*changes: tuple[str, str]) -> Callable[[Path], None]:
    """A damage to the card."""
    return lambda folder: edit_card(folder, *changes)


#: What is done to a sound folder; whether `datasets` still loads it; what verify says about it.
CASES: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "other files beside": (beside, True, ""),
    "an empty file beside a full one": (no_rows_beside, False, "has no rows"),
    "null column in the first file": (null_column_first, True, "null does not load everywhere"),
    "the same without features": (null_column_first_unstated, False, "does not say how many rows"),
    "extra column in a later file": (extra_column_later, False, "another schema"),
    "truncated file": (truncated, False, "not a readable Parquet file"),
    "stray file under the pattern": (stray_row_file, False, "the files hold 6"),
    "stray temporary file": (stray_temporary, True, "belongs to no config"),
    "fewer rows": (fewer_rows, False, "the card says 3 rows in train, the files hold 2"),
    "missing file": (no_file, False, "no file matches"),
    "missing card": (no_card, True, "cannot be read"),
    "stale count": (yaml_change(("num_examples: 3", "num_examples: 4")), False, "card says 4"),
    "two-part version": (yaml_change(("version: 1.0.0", "version: 1.0")), False, "not of the form"),
    "two defaults": (
        yaml_change(("config_name: removed", "config_name: removed\n  default: true")),
        False,
        "one config must be the default",
    ),
    "dash in a split name": (
        yaml_change(("name: train", "name: my-train"), ("split: train", "split: my-train")),
        False,
        "does not load",
    ),
    "broken YAML": (yaml_change(("language:\n", "language: [\n")), False, "does not parse"),
    "unquoted no": (yaml_change(("- en\n", "- no\n")), True, "truth value"),
    "odd licence": (yaml_change(("license: cc-by-4.0", "license: cc-by-5.0")), True, "no licence"),
    "wrong size": (yaml_change(("n<1K", "1K<n<10K")), True, "not of the size"),
    "no digest": (yaml_change(("build sha256:", "build ")), True, "no content digest"),
}


@pytest.mark.parametrize("case", CASES)
def test_loads_or_fails(folder: Path, tmp_path: Path, case: str) -> None:
    """What does not load is found, and so is what loads but should not be published."""
    damage, loads, says = CASES[case]
    damage(folder)
    try:
        found = len(texts(folder, tmp_path / "cache")) > 0
    except Exception:  # datasets raises what it raises
        found = False
    assert loads == found
    report = verify(folder)
    assert (not says) == report.ok
    assert says in "\n".join(map(str, report.findings))
    assert all(finding.remedy for finding in report.findings)


def test_changed_values_are_found(folder: Path) -> None:
    """One changed word, with all counts the same, is found by both ways of loading."""
    rows = pq.read_table(first_file(folder))
    at = rows.schema.get_field_index("text")
    words = rows["text"].to_pylist()
    changed = pa.array([words[0].replace("noon", "dawn"), *words[1:]], pa.large_string())
    pq.write_table(rows.set_column(at, "text", changed), first_file(folder))
    report = verify(folder)
    assert ["data/train-*.parquet"] * 2 == [finding.where for finding in report.findings]
    with pytest.raises(
        VerifyError, match=r"essays/data/train-\*\.parquet: datasets gives other values.*package` again"
    ):
        report.require()


def test_brackets_in_the_path(folder: Path, tmp_path: Path) -> None:
    """A path that `datasets` takes for a pattern is named as the reason."""
    report = verify(folder.rename(tmp_path / "essays [1]"))
    assert ["datasets reads the brackets in the path as a pattern and finds no files"] == [
        finding.message for finding in report.findings
    ]


def test_no_dataset_at_all(tmp_path: Path) -> None:
    """A folder that is none is a finding, not a traceback."""
    message = "README.md: cannot be read: No such file or directory"
    remedy = "give the folder that `corpuskit package` wrote, or run it again"
    assert [f"{message}; {remedy}"] == [str(finding) for finding in verify(tmp_path).findings]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| documents | 3 |", "| documents | 4 |", "'Numbers'"),
        ("| gazette |", "| gazettes |", "'Sources'"),
        ("| `promo` | 1 |", "| `promo` | 2 |", "'What was removed'"),
        ("3 clean texts", "4 clean texts", "first sentence"),
        ("| kept | 3 |", "| kept | 4 |", "from input to dataset"),
        ("language:\n- en", "language:\n- de", "other languages"),
        ("license: cc-by-4.0", "license: mit", "a licence"),
    ],
)
def test_a_card_that_says_other_than_the_rows_is_found(folder: Path, old: str, new: str, said: str) -> None:
    """What rows alone decide is counted again; the card of another version may say it in other words."""
    assert verify(folder).ok
    edit_card(folder, (old, new))
    assert [said in finding.message for finding in verify(folder).findings] == [True]
    assert verify(folder, fresh=True).ok
    edit_card(folder, (f"made with corpuskit {__version__}", "made with corpuskit 0.0.1"))
    assert verify(folder).ok


def test_the_licence_of_the_publisher_is_believed(tmp_path: Path) -> None:
    """It stands in the card and in no row."""
    folder = make_dataset(tmp_path, card=CardFile(license=("cc-by-4.0",), summary="Texts of one gazette."))
    assert verify(folder).ok
    edit_card(folder, ("license: cc-by-4.0", "license: mit"))
    assert not verify(folder).ok


def test_no_room_for_the_copy_that_is_loaded_says_nothing_of_the_dataset(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`datasets` only says that an error occurred; that the disk is full stands two causes behind it."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device")

    monkeypatch.setattr("datasets.arrow_writer.ArrowWriter.write_table", full)
    with pytest.raises(OutputError, match=rf"^{tmp_path}/corpuskit-verify-\w+: cannot be written: No space left on device$"):
        verify(built, scratch=tmp_path)
