"""Image credits: what a cleaning rule took for one, as it is published."""

from __future__ import annotations

import pytest

from corpuskit.metadata.credits import stated_credit


@pytest.mark.parametrize(
    ("said", "credit"),
    [
        ("Hester Brandt*", "Hester Brandt"),
        ("白石ユウ）", "白石ユウ"),
        ("Acme Pictures/@harbourfilm", "Acme Pictures/@harbourfilm"),
        ("ARCHIVO MAR", "ARCHIVO MAR"),
        ("Riproduzione riservata", ""),
        ("DR", ""),
        ("A number nine tram waits at the terminus", ""),
    ],
)
def test_a_credit_names_somebody(said: str, credit: str) -> None:
    """Marks of emphasis and brackets go; rights reserved and captions are no credits."""
    assert credit == stated_credit(said)
