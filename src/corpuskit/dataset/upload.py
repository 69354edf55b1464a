"""Putting a finished dataset folder into storage by URL.

An object store has no rename: data files come first, the card, which names them and their digests, last, and what the
dataset no longer has goes after that. Who reads in between may see files of two releases; the digests on the card tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpuskit.dataset.folder import is_ours
from corpuskit.errors import OutputError
from corpuskit.storage import Remote

__all__ = ["is_there", "upload"]


def upload(folder: Path, remote: Remote) -> None:
    """Make `remote` hold the files of `folder` and no others.

    Raises `OutputError` where files of somebody else are there, which would be removed, `InputError` when the storage does
    not answer.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    others = sorted(set(remote.sizes()) - set(names))
    if others and not (remote.exists("README.md") and is_ours(remote.read("README.md"))):
        raise OutputError(
            f"{remote}: is not a dataset folder that corpuskit wrote: {others[0]} is there; move it away or choose another name"
        )
    for name in sorted(names, key=lambda name: (name == "README.md", name)):
        remote.upload(folder / name, name)
    remote.remove(sorted(set(remote.sizes()) - set(names)))


def is_there(remote: Remote, listing: Sequence[Sequence[object]]) -> bool:
    """Say whether `remote` holds the files of `listing` (path, size, digest) and no others, as far as sizes tell."""
    return remote.sizes() == {str(path): size for path, size, _ in listing}
