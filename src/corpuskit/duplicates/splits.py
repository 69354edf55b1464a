"""Train, validation, test: by a stable hash of what must stay together, or inherited from an earlier
release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from corpuskit.duplicates.decontaminate import SIZE, Overlap, index, overlaps
from corpuskit.errors import ConfigError

__all__ = ["Leak", "Placed", "Shares", "assign", "draw", "leaks", "straddling"]


@dataclass(frozen=True, slots=True)
class Shares:
    """The splits and the share of the groups that each gets, in a written order; they add up to 1.

    The order matters: to enlarge the last split but one, take from its neighbour, and no text of the others
    moves. Raises `ConfigError` when the shares are not shares or a name stands twice.
    """

    splits: tuple[tuple[str, float], ...] = (("train", 1.0),)
    salt: str = ""   #: another salt, another draw

    def __post_init__(self) -> None:
        names = [name for name, _ in self.splits]
        if len(set(names)) != len(names) or not all(names):
            raise ConfigError(f"[split] names must be distinct and not empty: {', '.join(names)}")
        shares = [share for _, share in self.splits]
        if min(shares, default=0) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise ConfigError("[split] shares must not be negative and must add up to 1")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text goes, and why."""

    split: str
    reason: str   #: "hash", "release" (it was there before), "group" (a text of its group was)


@dataclass(frozen=True, slots=True)
class Leak:
    """Two kept texts of different splits that share word sequences."""

    id: str
    other: str
    split: str
    other_split: str
    overlap: Overlap


def draw(key: str, shares: Shares) -> str:
    """Return the split of a group: its place in [0, 1) is the first 64 bits of sha256(salt, NUL, key)."""
    digest = sha256(f"{shares.salt}\0{key}".encode("utf-8", "surrogatepass")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    upper = 0.0
    for name, share in shares.splits:
        upper += share
        if place < upper:
            return name
    return next(name for name, share in reversed(shares.splits) if share > 0)


def assign(
    ids: Sequence[str], groups: Sequence[str], shares: Shares, inherited: Mapping[str, str] | None = None
) -> list[Placed]:
    """Return the split of each kept text.

    `groups[i]` is what must not be torn apart around `ids[i]` (an author, a source, a series); empty means
    the text alone. A text of the release keeps its split. A new text joins the split of its group's
    released texts; where these already stand in several, the draw decides among all splits as for a new
    group.
    """
    before = inherited or {}
    seen: dict[str, set[str]] = {}
    for id_, group in zip(ids, groups, strict=True):
        if group and id_ in before:
            seen.setdefault(group, set()).add(before[id_])
    placed = []
    for id_, group in zip(ids, groups, strict=True):
        held = seen.get(group, set()) if group else set()
        if id_ in before:
            placed.append(Placed(before[id_], "release"))
        elif len(held) == 1:
            placed.append(Placed(next(iter(held)), "group"))
        else:
            placed.append(Placed(draw(f"group\0{group}" if group else f"id\0{id_}", shares), "hash"))
    return placed


def straddling(stars: Sequence[tuple[str, str]], splits: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the pairs (copy, kept) of which both are published, in different splits: there must be none."""
    return sorted(
        (copy, kept)
        for copy, kept in stars
        if copy in splits and kept in splits and splits[copy] != splits[kept]
    )


def leaks(
    texts: Sequence[str],
    ids: Sequence[str],
    splits: Sequence[str],
    share: float,
    size: int = SIZE,
    characters: int = 1 << 25,
) -> Iterator[Leak]:
    """Yield each pair of texts in different splits whose common `size`-word sequences make up at least `share` of
    either.

    The splits are indexed one after the other, the smallest first, some `characters` characters at a time (about
    four bytes each); the largest is only read, once for each of these blocks.
    """
    sizes = dict.fromkeys(splits, 0)
    for text, split in zip(texts, splits, strict=True):
        sizes[split] += len(text)
    names = sorted(sizes, key=lambda name: (sizes[name], name))
    for place, name in enumerate(names[:-1]):
        later = set(names[place + 1 :])
        others = [at for at, split in enumerate(splits) if split in later]
        for own in _blocks(texts, [at for at, split in enumerate(splits) if split == name], characters):
            known = index([texts[at] for at in own], size)
            for block in _blocks(texts, others, 1 << 20):
                for overlap in overlaps(known, [texts[at] for at in block], share):
                    at, other = block[overlap.text], own[overlap.indexed]
                    yield Leak(ids[at], ids[other], splits[at], splits[other], overlap)


def _blocks(texts: Sequence[str], places: Sequence[int], characters: int) -> Iterator[list[int]]:
    """Yield `places` in runs whose texts have about `characters` characters."""
    block: list[int] = []
    room = characters
    for at in places:
        block.append(at)
        room -= len(texts[at])
        if room <= 0:
            yield block
            block, room = [], characters
    if block:
        yield block
