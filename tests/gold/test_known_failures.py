"""What cleaning is known to get wrong, so that it is known when it comes right."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from corpuskit.cleaning import clean

FAILURES = tomllib.loads((Path(__file__).parent / "known-failures.toml").read_text(encoding="utf-8"))["failure"]


@pytest.mark.xfail(reason="known failure: one that comes right must leave the file", strict=True)
@pytest.mark.parametrize("case", FAILURES, ids=[case["slug"] for case in FAILURES])
def test_known_failure(case: dict[str, str]) -> None:
    """Of each text exactly what is marked should go; spacing is no matter."""
    marked = case["text"].strip("\n")
    expected = re.sub("⟦[^⟧]*⟧", "", marked).split()
    assert expected == clean(re.sub("[⟦⟧]", "", marked)).text.split()


def test_known_failures_are_distinct() -> None:
    """Each has a name and a text of its own."""
    assert len(FAILURES) == len({case["slug"] for case in FAILURES}) == len({case["text"] for case in FAILURES})
