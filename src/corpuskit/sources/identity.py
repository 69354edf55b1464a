"""Who a document is: its id, its source, and what happens when two claim the same id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from corpuskit.model import Quarantined

__all__ = ["Place", "derive_id", "duplicate_ids", "site_of"]

_ROW = re.compile(r"^(?:(?P<member>.*):)?(?P<row>[0-9]{1,18})$", re.DOTALL)
_HOST = re.compile(r"^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9])?$")


@dataclass(frozen=True, slots=True)
class Place:
    """A document's id and where it stands."""

    id: str
    path: str
    record: str

    @property
    def order(self) -> tuple[str, str, int]:
        """Path order, then member, then row as a number: row 10 comes after row 9."""
        row = _ROW.match(self.record)
        if row:
            return self.path, row["member"] or "", int(row["row"])
        return self.path, self.record, 0

    def __str__(self) -> str:
        return f"{self.path} ({self.record})" if self.record else self.path


def derive_id(source: str, path: str, record: str) -> str:
    """Return the id of a document without a given one: 16 hex digits of sha256 over the parts, ended by NUL each.

    No part can hold a NUL: sources and paths are names, and record keys are built from names and numbers.
    """
    return sha256(f"{source}\x00{path}\x00{record}\x00".encode()).hexdigest()[:16]


def site_of(url: str) -> str:
    """Return the site of `url`: its host in lower case without ``www.``, or "" when it is not a web address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower().rstrip(".")
        if parts.scheme.lower() not in ("http", "https") or not host:
            return ""
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except (ValueError, UnicodeError):
        return ""
    return host.removeprefix("www.") if _HOST.match(host) else ""


def duplicate_ids(places: Iterable[Place]) -> list[Quarantined]:
    """Return a quarantine entry for every document whose id stands at an earlier place already.

    Earlier is by path, then member, then row. The entries name both places; order of `places` does not matter.
    """
    first: dict[str, Place] = {}
    refused: list[Quarantined] = []
    for place in sorted(places, key=lambda place: (place.order, place.id)):
        if place.id not in first:
            first[place.id] = place
            continue
        message = f"The id {place.id!r} of {place} stands at {first[place.id]} already."
        remedy = 'Make the ids unique, or leave the id column out: [ingest.columns] id = "-".'
        refused.append(Quarantined(place.path, place.record, -1, "duplicate-id", message, remedy, place.id[:200]))
    return refused
