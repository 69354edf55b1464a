"""Patterns that are compiled when they are first used: Python takes a millisecond for each, and a text needs few of them."""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["TERMINAL_ESCAPE", "later", "without_escapes"]


class _Later:
    """Stands for a pattern: what is asked of it once is its own from then on."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found


def later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` returns, compiled at its first use: a pattern that is wrong is known only then.

    It is no `re.Pattern`: call its methods, do not give it to functions of `re`.
    """
    return cast("re.Pattern[str]", _Later(pattern, flags))


#: An escape sequence of a terminal, within a line (ECMA-48). CSI: "ESC [ parameters intermediates final". OSC: "ESC ] number ;
#: words", ended by BEL or ST. And what resets the character set beside the colours ("\x1b(B\x1b[m"). Classes that follow each
#: other are disjoint and none holds ESC, so it is found in linear time.
TERMINAL_ESCAPE = later(r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][0-9]*+(?:;[^\x07\x1b\n\r]*+)?+(?:\x07|\x1b\\)|\(B)")


def without_escapes(text: str) -> str:
    """Return `text` without the escape sequences of a terminal that are in it."""
    return TERMINAL_ESCAPE.sub("", text) if "\x1b" in text else text
