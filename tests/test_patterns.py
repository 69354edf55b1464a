"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import re

import pytest

from corpuskit.patterns import later


def test_a_pattern_does_what_re_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compiled once, whatever is asked of it, and says the same."""
    made: list[str] = []
    compiled = re.compile

    def counted(pattern: str, flags: int = 0) -> re.Pattern[str]:
        made.append(pattern)
        return compiled(pattern, flags)

    monkeypatch.setattr(re, "compile", counted)
    lamp = later(r"lamp(?P<s>s?)\b", re.IGNORECASE)
    assert (made, lamp.pattern) == ([], r"lamp(?P<s>s?)\b")
    assert [one.span() for one in lamp.finditer("Lamps and a lamp")] == [(0, 5), (12, 16)]
    assert lamp.sub("light", "LAMP, lampshade") == "light, lampshade"
    assert (lamp.fullmatch("lamps") or [""])["s"] == "s"
    assert lamp.groupindex == {"s": 1}
    assert made == [lamp.pattern]


def test_a_pattern_that_is_wrong_is_known_at_its_first_use() -> None:
    """A mistake is told, and so is a question that no pattern answers."""
    with pytest.raises(re.error):
        later("(").search("")
    with pytest.raises(AttributeError):
        later("a").nothing  # type: ignore[attr-defined]  # noqa: B018
