"""When texts are shown to ftfy: by its own pattern, kept so that it need not be imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import ftfy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.cleaning import badness, repair


def test_what_is_kept_is_what_ftfy_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first process asks ftfy and the next one the cache; another ftfy is asked anew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked = badness._translated()
    assert badness.pattern() == asked
    monkeypatch.setattr(badness, "_translated", lambda: "of another ftfy")
    assert badness.pattern() == asked
    monkeypatch.setattr(badness, "_source", lambda: b"another file")
    assert badness.pattern() == "of another ftfy"
    monkeypatch.setattr(badness, "_source", lambda: None)
    monkeypatch.setattr(badness, "_translated", lambda: "not to be found")
    assert badness.pattern() == "not to be found"


def test_sound_text_is_cleaned_without_ftfy() -> None:
    """An ampersand between words is no entity; a mark of one, or broken encoding, is ftfy's business."""
    badness.pattern()  # so that it is kept
    code = "import sys; from corpuskit import clean; clean(sys.argv[1]); print('ftfy' in sys.modules)"
    said = [
        subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=True).stdout.strip()
        for text in ("Salt & sand, tar&feathers — “all of it”.\n", "Salt &amp; sand.\n", "The cafÃ© by the quay.\n")
    ]
    assert said == ["False", "True", "True"]


_PIECES = st.sampled_from(
    [
        "&", "#", "amp", "lt", ";", "x41", "65", " ", "Ã", "©", "é", "â€", "™", "\r", "\x85", "\ufeff", "Eacute", "EACUTE",
        "0" * 30, "<", "a", "ÃƒÂ©", "â€œ", "\x1b[31m", "\x00",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=8).map("".join))
def test_no_text_that_ftfy_would_change_is_passed_over(text: str) -> None:
    """What the test says needs no repair is what ftfy leaves alone; all else becomes what ftfy makes of it."""
    fixed = ftfy.fix_and_explain(text, repair._config("<" not in text)).text
    assert repair._fix(text)[0] == fixed
    if not repair.needs_repair(text):
        assert fixed == text
