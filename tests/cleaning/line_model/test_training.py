"""What training must never do: mix sites over folds, or start without its data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


def test_training_without_data_refuses_in_one_line(tmp_path: Path) -> None:
    """Exit code 1, one line that names the variable to set, no traceback."""
    environment = {**os.environ, "CORPUSKIT_BENCH": str(tmp_path), "PYTHONPATH": str(BENCHMARKS)}
    done = subprocess.run(
        [sys.executable, "-m", "line_model"], env=environment, capture_output=True, text=True, check=False
    )
    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert "CORPUSKIT_BENCH" in done.stderr


def test_sites_and_copies_stay_in_one_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of one site share a fold over all sets; so do texts of other sites that share two long lines."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from line_model.data import Labelled, fold_numbers

    def document(name: str, number: int, site: str, lines: tuple[str, ...]) -> Labelled:
        count = len(lines)
        return Labelled(
            name, name, str(number), f"https://www.{site}/{number}", "", lines, (False,) * count, (True,) * count,
            ("",) * count, (10 + number,) * count, (0,) * count,
        )  # fmt: skip

    shared = ("the lighthouse keeper wrote down every ship " * 3, "and nobody ever asked him for the book " * 3)
    documents = [document("residue", n, f"site{n}.example", (f"line {n}",)) for n in range(12)]
    documents += [document("turku", 50, "site3.example", ("another",))]
    documents += [document("residue", 60 + n, f"copy{n}.example", shared) for n in range(3)]
    folds = fold_numbers(documents)
    assert folds[3] == folds[12]
    assert 1 == len(set(folds[13:]))
    assert 5 == len(set(folds))
