"""Arrays in the cache of this machine: there at once when they are there, made again when anything is odd."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from corpuskit import cache

MADE = {
    "moves": np.arange(600, dtype=np.uint32).reshape(3, 200),
    "codes": np.asarray(["de", "en", "hsb"]),
    "none": np.zeros((0, 4), dtype=np.float32),
    "depth": np.asarray(6),
}


class Maker:
    """Makes the arrays and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> cache.Arrays:
        self.times += 1
        return MADE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "corpuskit"


def same(found: cache.Arrays) -> bool:
    """Whether all arrays are those that were made."""
    return list(found) == list(MADE) and all(
        found[name].dtype == made.dtype and found[name].shape == made.shape and (found[name] == made).all()
        for name, made in MADE.items()
    )


def test_made_once(home: Path) -> None:
    """The second time they come from the file, equal in type, shape and value."""
    make = Maker()
    assert same(cache.arrays("numbers", b"1", make))
    assert same(cache.arrays("numbers", b"1", make))
    assert make.times == 1
    assert len(list(home.iterdir())) == 1


def test_another_origin_is_another_file(home: Path) -> None:
    """What was made from something else is not taken."""
    make = Maker()
    cache.arrays("numbers", b"1", make)
    cache.arrays("numbers", b"2", make)
    assert make.times == 2
    assert len(list(home.iterdir())) == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_file_is_made_again(home: Path, damage: str) -> None:
    """One bit is enough, wherever it stands; the file is whole afterwards."""
    make = Maker()
    cache.arrays("numbers", b"1", make)
    (path,) = home.iterdir()
    whole = path.read_bytes()
    path.write_bytes({"flip": whole[:-1] + bytes([whole[-1] ^ 1]), "cut": whole[:-64], "empty": b""}[damage])
    assert same(cache.arrays("numbers", b"1", make))
    assert make.times == 2
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_to(home: Path) -> None:
    """Costs time and nothing else."""
    home.write_text("a file stands where the folder should be")
    make = Maker()
    assert same(cache.arrays("numbers", b"1", make))
    assert same(cache.arrays("numbers", b"1", make))
    assert make.times == 2


def test_files_that_nobody_used_for_long_go(home: Path) -> None:
    """When a file is written, others of its name that were of no use for a month are removed, and no others."""
    for made_from in (b"old", b"recent"):
        cache.arrays("numbers", made_from, Maker())
    cache.arrays("letters", b"old", Maker())
    old, recent = sorted(home.glob("numbers-*"), key=os.path.getmtime)
    (letters,) = home.glob("letters-*")
    for path in (old, letters):
        os.utime(path, (time.time() - 40 * 86400,) * 2)
    cache.arrays("numbers", b"new", Maker())
    assert not old.exists()
    assert recent.exists()
    assert letters.exists()


def test_the_language_model_is_the_same_from_the_cache(home: Path) -> None:
    """The arrays that are mapped are those that the file of py3langid unpacks to."""
    from corpuskit.metadata.language_tables import read_tables

    fresh = read_tables()
    assert len(list(home.iterdir())) == 1
    mapped = read_tables()
    assert list(fresh) == list(mapped)
    for name, array in fresh.items():
        assert array.dtype == mapped[name].dtype
        assert np.array_equal(array, mapped[name])
