"""What is told about two dataset folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.dataset.diff import Cut, diff, render
from corpuskit.errors import InputError

from .making import cut, essay, make_dataset

ESSAYS = [essay(at, f"Essay {at} on harbours.") for at in range(4)]


def test_same_build_twice(tmp_path: Path) -> None:
    """Two builds of the same input differ in nothing."""
    old, new = (make_dataset(tmp_path / name, essays=ESSAYS) for name in ("old", "new"))
    found = diff(old, new)
    assert found.same
    assert "documents: 4 before, 4 now\nnothing changed\n" == render(found)


def test_what_changed_is_told_apart(tmp_path: Path) -> None:
    """Added, gone, merged away, changed text, changed ledger and changed input are different things."""
    old = make_dataset(tmp_path / "old", essays=ESSAYS, removed=[cut(0), cut(1), cut(1, "byline.en.by", 50)])
    new = make_dataset(
        tmp_path / "new",
        essays=[
            ESSAYS[0],
            essay(1, "Essay 1 on harbours and tides."),
            essay(2, "Essay 2 on harbours.", raw_sha256="another"),
            essay(9, "Essay 9."),
        ],
        removed=[cut(0, "model.any.line"), cut(1)],
        clusters=[{"member": f"{3:016x}", "kept": f"{0:016x}", "kind": "near"}],
    )
    found = diff(old, new)
    assert ((f"{9:016x}", "gazette"),) == found.added
    assert [(f"{3:016x}", f"{0:016x}")] == [(gone.id, gone.merged_into) for gone in found.gone]
    assert [(f"{0:016x}", False, False), (f"{1:016x}", True, False), (f"{2:016x}", False, True)] == [
        (change.id, change.text, change.raw) for change in found.changed
    ]
    digest = found.changed[0].edits_gone[0].digest
    assert (Cut(0, 10, "promo.en.sign-up", digest),) == found.changed[0].edits_gone
    assert (Cut(0, 10, "model.any.line", digest),) == found.changed[0].edits_new
    assert ((Cut(50, 60, "byline.en.by", digest),), ()) == (
        found.changed[1].edits_gone,
        found.changed[1].edits_new,
    )
    text = render(found)
    assert "added 1 · gone 1 · changed text 1 · changed ledger 2 · changed input 1" in text
    assert "  +1  model.any.line" in text
    assert f"{3:016x} (gazette), merged into {0:016x}" in text


def test_long_lists_are_cut(tmp_path: Path) -> None:
    """The screen gets the first few and the number of the rest; control characters are shown escaped."""
    old = make_dataset(tmp_path / "old", essays=ESSAYS[:1])
    new = make_dataset(tmp_path / "new", essays=[essay(at, "x", source="a\x1b[2J") for at in range(30)])
    text = render(diff(old, new), most=5)
    assert "  … and 24 more" in text
    assert "\x1b" not in text
    assert "(a\\x1b[2J)" in text


def test_not_a_dataset(tmp_path: Path) -> None:
    """A folder without a card is an input error that names it."""
    with pytest.raises(InputError, match=r"is not a dataset folder of corpuskit: README\.md: No such file"):
        diff(tmp_path, tmp_path)
