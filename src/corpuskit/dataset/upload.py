"""Putting a finished dataset folder into storage by URL.

An object store has no rename: data files come first, the card, which names them and their digests, last, and what the
dataset no longer has goes after that. Who reads in between may see files of two releases; the digests on the card tell.
Where nothing was before, a card that says no more than whose files these are comes first of all: a first upload that is
stopped in the middle is known by it, and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpuskit.dataset.folder import is_ours
from corpuskit.errors import OutputError
from corpuskit.storage import Remote

__all__ = ["is_there", "refuse_strangers", "upload"]

_CARD = "README.md"
_BEGUN = b"""---
tags:
- corpuskit
---

This dataset is being put here and is not complete. Its card comes last.
"""


def upload(folder: Path, remote: Remote) -> None:
    """Make `remote` hold the files of `folder` and no others.

    Raises `OutputError` where files of somebody else are there, which would be removed, `InputError` when the storage does
    not answer.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if not refuse_strangers(remote):
        remote.write(_CARD, _BEGUN)
    for name in sorted(names, key=lambda name: (name == _CARD, name)):
        remote.upload(folder / name, name)
    remote.remove(sorted(set(remote.sizes()) - set(names)))


def refuse_strangers(remote: Remote) -> bool:
    """Raise `OutputError` where files are at `remote` and none of them is a card of corpuskit; return whether any are there."""
    there = sorted(remote.sizes())
    if there and not (_CARD in there and is_ours(remote.read(_CARD))):
        raise OutputError(
            f"{remote}: is not a dataset folder that corpuskit wrote: {there[0]} is there; move it away or choose another name"
        )
    return bool(there)


def is_there(remote: Remote, listing: Sequence[Sequence[object]]) -> bool:
    """Say whether `remote` holds the files of `listing` (path, size, digest) and no others, as far as sizes tell."""
    return remote.sizes() == {str(path): size for path, size, _ in listing}
