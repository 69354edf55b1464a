"""What verify says about documents and passages on both sides of a split."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from corpuskit.cli import cli
from corpuskit.dataset.verify import verify

from .making import essay, make_dataset

VOCABULARY = [f"{first}{last}" for first in "bdfgklmnprst" for last in ("arn", "elt", "isk", "oll", "und")]


def prose(seed: int, words: int = 40) -> str:
    """Words drawn at random: no two seeds share a passage."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=words))


def copy(member: int, kept: int, **fields: Any) -> dict[str, Any]:
    """A row of the config `clusters`."""
    return {"cluster": f"{kept:016x}", "kept": f"{kept:016x}", "member": f"{member:016x}", "kind": "near", **fields}


def test_a_sound_dataset_has_no_findings(tmp_path: Path) -> None:
    """Copies that are not published, hung on documents that are, or that another release holds."""
    rows = [essay(0, prose(0)), essay(1, prose(1), split="test")]
    folder = make_dataset(tmp_path, essays=rows, clusters=[copy(7, 0), copy(8, 99, kept_release="essays 1.0.0")])
    report = verify(folder, overlap=0.1)
    assert ((), ()) == (report.findings, report.leaks)


@pytest.mark.parametrize(
    ("rows", "clusters", "message"),
    [
        ([essay(0, "One."), essay(0, "Two.", split="test")], [], "more than once: '0000000000000000'"),
        ([essay(0, "One."), essay(1, "Two.", split="test")], [copy(1, 0)], "copies are published beside"),
        ([essay(0, "One.")], [copy(1, 5)], "named as kept and are not there: '0000000000000005'"),
    ],
)
def test_a_star_over_two_splits_is_an_error(
    tmp_path: Path, rows: list[dict[str, Any]], clusters: list[dict[str, Any]], message: str
) -> None:
    """A document in two splits, a copy that is published too, a kept document that is not."""
    (finding,) = verify(make_dataset(tmp_path, essays=rows, clusters=clusters)).findings
    assert "error" == finding.level
    assert message in str(finding)


def test_passages_over_two_splits_are_told(tmp_path: Path) -> None:
    """The pair is named with its splits, share and passage, control characters shown, and the exit code is 3."""
    from click.testing import CliRunner

    shared = prose(5, 30)
    rows = [
        essay(0, f"{prose(0)} {shared} {prose(1)}"),
        essay(1, f"{shared.replace(' ', chr(27) + '[31m ', 1)} {prose(2, 10)}", split="test"),
        essay(2, prose(3), split="validation"),
    ]
    folder = make_dataset(tmp_path, essays=rows)
    (leak,) = verify(folder, overlap=0.2).leaks
    assert (f"{0:016x}", f"{1:016x}", "train", "test") == (leak.id, leak.other, leak.split, leak.other_split)
    done = CliRunner().invoke(cli, ["verify", str(folder)])
    assert 3 == done.exit_code
    assert f"{0:016x} (train) and {1:016x} (test) share" in done.output
    assert "\x1b[31m" not in done.output
    assert () == verify(folder, overlap=0.9).leaks
    done = CliRunner().invoke(cli, ["verify", str(folder), "--overlap", "0.9"])
    assert 0 == done.exit_code
    assert "no two texts of different splits have 90% of their 13-word sequences in common" in done.output
    assert () == verify(folder).leaks
