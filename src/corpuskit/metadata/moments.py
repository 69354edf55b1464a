"""Dates that inputs give in ISO 8601: whether there is such a day."""

from __future__ import annotations

import re
from datetime import date

from corpuskit.patterns import later

__all__ = ["calendar_date"]

_ISO = later(r"(\d{4})(?:-(\d\d)(?:-(\d\d)([T ].*)?)?)?", re.ASCII | re.DOTALL)
#: "T20:30:00.5-05:00", " 20:30 UTC", and " 20:30:00 +0000 UTC" as Go prints it.
_CLOCK = later(
    r"[T ](?:[01]?\d|2[0-4])(?::?[0-5]\d(?::?[0-5]\d|:60)?(?:[.,]\d{1,9})?)? ?(?:Z|z|[+-]\d\d(?::?\d\d)?)?(?: ?[A-Z]{2,5})?",
    re.ASCII,
)


def calendar_date(value: str) -> str | None:
    """Return the date that `value` gives in ISO 8601, perhaps partial; what stands behind it and is no time of day goes.

    "" where there is no such day ("2022-02-30"), None where `value` is not in that form.
    """
    found = _ISO.fullmatch(value)
    if found is None:
        return None
    year, month, day, clock = found.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return value if not clock or _CLOCK.fullmatch(clock) else value[:10]
