"""What the field does to lines today, restated from what was published, to be measured on the same data."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["BASELINES", "c4_lines", "nothing", "refinedweb_lines", "unrepeated_lines"]

_C4_END = (".", "!", "?", '"')
_C4_WORDS = 3
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def nothing(text: str) -> str:
    """Return `text` as it is."""
    return text


def c4_lines(text: str) -> str:
    """Keep the lines that C4 keeps (Raffel et al. 2020, section 2.2).

    A line stays when it ends in a full stop, exclamation mark, question mark or straight quotation mark (but not in
    "...", as in the code published with the paper) and has at least three words, and when it does not speak of
    JavaScript or of a cookie policy. C4's rules for whole pages are left out.
    """

    def stays(line: str) -> bool:
        folded = line.lower()
        return (
            line.endswith(_C4_END)
            and not line.endswith("...")
            and len(line.split()) >= _C4_WORDS
            and "javascript" not in folded
            and not any(phrase in folded for phrase in _POLICY)
        )

    return "\n".join(line for line in text.split("\n") if stays(line.strip()))


_COUNTER = re.compile(
    r"[\d.,]+ ?[km]?\+? (?:likes?|shares?|comments?|retweets?|reposts?|quotes?|bookmarks?|upvotes?|downvotes?|"
    r"downloads?|views?|followers?)",
    re.IGNORECASE,
)
_EDITED = re.compile(r"^sign[- ]in\b|\bitems in cart\b|\bread more(?:\.{3}|…)?$", re.IGNORECASE)
_SHORT_WORDS = 10


def refinedweb_lines(text: str) -> str:
    """Make the line-wise corrections of RefinedWeb (Penedo et al. 2023, appendix G.2), with the examples it gives.

    A line goes when it is mainly upper case, holds nothing but digits, is a counter ("3 likes"), or is one word.
    In a line of at most ten words "sign-in" at its start, "read more..." at its end and "items in cart" anywhere are
    cut out. Its rule to drop pages of which more than 5 % went is left out.
    """

    def goes(line: str) -> bool:
        letters = [c for c in line if c.isalpha()]
        return (
            (bool(letters) and sum(c.isupper() for c in letters) > 0.5 * len(letters))
            or line.replace(" ", "").isdigit()
            or _COUNTER.fullmatch(line) is not None
            or len(line.split()) == 1
        )

    lines = [line.strip() for line in text.split("\n")]
    return "\n".join(
        _EDITED.sub("", line) if len(line.split()) <= _SHORT_WORDS else line for line in lines if not goes(line)
    )


def unrepeated_lines(text: str) -> str:
    """Keep the lines that stand once in the text: of a line that repeats every copy goes."""
    lines = [line.strip() for line in text.split("\n")]
    number: dict[str, int] = {}
    for line in lines:
        number[line] = number.get(line, 0) + 1
    return "\n".join(line for line in lines if not line or number[line] == 1)


#: By the names that tables use.
BASELINES: dict[str, Callable[[str], str]] = {
    "do nothing": nothing,
    "C4's line rule": c4_lines,
    "RefinedWeb's line rules": refinedweb_lines,
    "drop repeated lines": unrepeated_lines,
}
