"""Where a dataset is built and how it takes its place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from corpuskit.dataset.folder import Place, place, prepare, publish, repair
from corpuskit.errors import OutputError, UsageError


def build(where: Place, text: str) -> None:
    """Prepare a dataset that holds `text`."""
    folder = prepare(where)
    (folder / "README.md").write_text(f"---\ntags:\n- corpuskit\n---\n{text}")
    (folder / "data").mkdir()
    (folder / "data" / "train.parquet").write_text(text)


def read(folder: Path) -> str:
    """What the dataset in `folder` holds."""
    return (folder / "data" / "train.parquet").read_text()


def test_new_takes_the_place_of_old(tmp_path: Path) -> None:
    """The published folder is the new one, the one before is kept, and nothing else is left."""
    where = place(tmp_path, "essays")
    for text in ("first", "second", "third"):
        build(where, text)
        assert where.target == publish(where)
    assert ("third", "second") == (read(where.target), read(where.previous))
    assert ["previous"] == [path.name for path in where.workshop.iterdir()]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("earlier", [0, 1, 2])
@pytest.mark.parametrize("step", range(8))
def test_interrupted_swap_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, earlier: int
) -> None:
    """Wherever the process dies while publishing, the next start has one whole dataset, and loses none."""
    where = place(tmp_path, "essays")
    for at in range(earlier):
        build(where, f"old {at}")
        publish(where)
    build(where, "new")
    left = [step]

    def dying(original: object) -> object:
        def call(*args: object, **kwargs: object) -> object:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return original(*args, **kwargs)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        for name in ("rename", "unlink", "write_bytes"):
            patch.setattr(Path, name, dying(getattr(Path, name)))
        patch.setattr("corpuskit.dataset.folder.shutil.rmtree", dying(__import__("shutil").rmtree))
        with suppress(Killed):
            publish(where)
    finished = repair(where)
    begun = finished or step > 0
    assert ("new" if begun else f"old {earlier - 1}") == (
        read(where.target) if begun or earlier else "old -1"
    )
    if begun and earlier:
        assert f"old {earlier - 1}" == read(where.previous)
    assert not repair(where)
    prepare(where)
    assert [] == list(where.next.iterdir())


def test_leftovers_do_not_get_in(tmp_path: Path) -> None:
    """What an aborted build left behind is gone when the next one begins."""
    where = place(tmp_path, "essays")
    (prepare(where) / "half.parquet.tmp").write_text("half")
    assert [] == list(prepare(where).iterdir())


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".build", "a/b", "a\\b", "[1]", "a*", "-x", "x.", "a\nb", "a b"]
)
def test_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    """A name that is no plain folder name is refused."""
    with pytest.raises(UsageError, match="cannot name a dataset"):
        place(tmp_path, name)


@pytest.mark.parametrize("name", ["essays", "essays-2026.11", "Größe_1", "随筆"])
def test_names_that_can(tmp_path: Path, name: str) -> None:
    """Letters of any script, digits, dashes and dots make a name."""
    assert tmp_path / name == place(tmp_path, name).target


def test_brackets_are_refused(tmp_path: Path) -> None:
    """A path that `datasets` would read as a pattern is refused before anything is written."""
    with pytest.raises(OutputError, match=r"'\[' or '\]' cannot be loaded"):
        place(tmp_path / "run [1]", "essays")


@pytest.mark.parametrize("card", [None, "# my own notes\n"])
def test_a_persons_folder_is_left_alone(tmp_path: Path, card: str | None) -> None:
    """A folder that corpuskit did not write is not moved away."""
    where = place(tmp_path, "essays")
    where.target.mkdir()
    (where.target / "novel.txt").write_text("It was late.")
    if card:
        (where.target / "README.md").write_text(card)
    with pytest.raises(OutputError, match="not a dataset folder that corpuskit wrote"):
        prepare(where)
    assert "It was late." == (where.target / "novel.txt").read_text()


def test_empty_folder_may_be_used(tmp_path: Path) -> None:
    """An empty folder at the target is no obstacle."""
    where = place(tmp_path, "essays")
    where.target.mkdir()
    build(where, "new")
    publish(where)
    assert "new" == read(where.target)


def test_unwritable_output_is_one_line(tmp_path: Path) -> None:
    """When the output cannot be a folder, one line says which and why."""
    (tmp_path / "processed").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot be written: (Not a directory|File exists)"):
        prepare(place(tmp_path / "processed", "essays"))
