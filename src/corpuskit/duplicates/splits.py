"""Train, validation, test: by a stable hash of what must stay together, or inherited from an earlier
release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from corpuskit.duplicates.decontaminate import SIZE, index, overlaps
from corpuskit.errors import ConfigError, nearest

__all__ = ["BY", "Leak", "Placed", "Reader", "Shares", "SplitOptions", "assign", "draw", "heirs", "leaks"]

#: Ids and texts, one for one.
Texts = tuple[Sequence[str], Sequence[str]]
#: What reads the texts of a split from the beginning, some at a time.
Reader = Callable[[], Iterable[Texts]]

#: What may hold texts together.
BY = ("document", "author", "source", "series")


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
class SplitOptions:
    """The `[split]` table. Without shares all texts go to train, but for what an earlier release says.

    Raises `ConfigError` when the shares are not shares, or for an unknown `by`.
    """

    train: float = 0.0       #: share of the groups; 0: what the others leave
    validation: float = 0.0
    test: float = 0.0
    by: str = "document"     #: what is drawn, and not torn apart: document, author (the first named), source, series
    salt: str = ""           #: another salt, another draw
    inherit: bool = True     #: texts of a release stay in their split; False draws all anew

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise ConfigError(f"[split] by = {self.by!r}: one of {', '.join(BY)} is wanted{nearest(self.by, BY)}")
        _ = self.shares

    @property
    def shares(self) -> Shares:
        """The shares in their written order, train first."""
        train = self.train or 1.0 - self.validation - self.test
        return Shares((("train", train), ("validation", self.validation), ("test", self.test)), self.salt)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text goes, and why."""

    split: str
    reason: str   #: "hash", "release" (it was there before, or a text that it holds), "group" (a text of its group was)


@dataclass(frozen=True, slots=True)
class Leak:
    """Two kept texts of different splits that share word sequences."""

    id: str
    other: str
    split: str
    other_split: str
    share: float        #: of the distinct sequences of `id`, 3 decimals
    other_share: float
    passage: str        #: the longest shared one, at most 300 characters


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


def heirs(pairs: Iterable[tuple[str, str]], before: Mapping[str, str], shares: Shares) -> dict[str, str]:
    """Return the splits of the release for each text that has one, and for each kept text that holds one: `pairs` are
    (what is held, the kept text that holds it).

    What holds texts of several splits goes to the smallest: what was once held out must not be trained on.
    """
    names = dict(shares.splits)
    found = dict(before)
    for copy, kept in sorted(pairs):
        if copy in before and kept not in before:
            found[kept] = min(found.get(kept, before[copy]), before[copy], key=lambda name: (names.get(name, 0.0), name))
    return found


def leaks(
    splits: Sequence[tuple[str, Reader]], share: float, size: int = SIZE, characters: int = 1 << 23
) -> Iterator[Leak]:
    """Yield each pair of texts in different splits whose common `size`-word sequences make up at least `share` of
    either.

    `splits` are names with what reads their texts, the smallest first. All but the last are indexed, one after the
    other, some `characters` characters at a time (about 30 bytes each while the index is made, 3 afterwards); those
    behind it are read once for each of these blocks. Nothing else is held.
    """
    for place, (name, reader) in enumerate(splits[:-1]):
        for own_ids, own in _blocks(reader(), characters):
            known = index(own, size)
            for other_name, other in splits[place + 1 :]:
                for ids, texts in _blocks(other(), 1 << 20):
                    for one in overlaps(known, texts, share):
                        yield Leak(
                            ids[one.text], own_ids[one.indexed], other_name, name,
                            one.share, one.indexed_share, one.passage,
                        )  # fmt: skip


def _blocks(batches: Iterable[Texts], characters: int) -> Iterator[Texts]:
    """Yield ids and texts in runs of about `characters` characters."""
    ids: list[str] = []
    texts: list[str] = []
    room = characters
    for batch in batches:
        for id_, text in zip(*batch, strict=True):
            ids.append(id_)
            texts.append(text)
            room -= len(text)
            if room <= 0:
                yield ids, texts
                ids, texts, room = [], [], characters
    if ids:
        yield ids, texts
