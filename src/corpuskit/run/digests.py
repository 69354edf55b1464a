"""Digests of what a task depends on: files, options, corpuskit's own code, and the libraries of its stage."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["of_code", "of_everything", "of_file", "of_value", "said", "versions"]

_CHUNK = 1 << 20  # bytes up to which a file is read at once: the buffer for more costs more than a small file


def of_file(path: Path | str) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with open(path, "rb") as stream:  # of a build's thousand small files this is the quick way
        if os.fstat(stream.fileno()).st_size <= _CHUNK:
            return hashlib.sha256(stream.read()).hexdigest()
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_value(value: Any) -> str:
    """Return the sha256 of a value made of dataclasses, lists, tuples, dicts, strings and numbers, in hex."""
    return hashlib.sha256(said(value).encode()).hexdigest()


def said(value: Any) -> str:
    """Return `value` as JSON; equal values of the kinds that `of_value` takes, and only they, say the same."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        name = type(value).__qualname__
        return {"": name, **{field.name: getattr(value, field.name) for field in dataclasses.fields(value)}}
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no digest")


@lru_cache(maxsize=64)
def of_code(*parts: str) -> tuple[tuple[str, str], ...]:
    """Return the digests of the package's own files below `parts` ("cleaning", "text.py", …), kind by kind.

    The kinds are "rules", "line model", and "the code of …" for each part; the shared modules at the top of the
    package always count.
    """
    taken: dict[str, Any] = {}
    below = tuple(f"{part}/" for part in parts)
    for name, digest in _own_files():
        shared = "/" not in name and name.endswith(".py")
        if shared or name in parts or name.startswith(below):
            taken.setdefault(_kind(name), hashlib.sha256()).update(f"{name}\x00{digest}\n".encode())
    return tuple((kind, digest.hexdigest()) for kind, digest in sorted(taken.items()))


@lru_cache(maxsize=1)
def _own_files() -> list[tuple[str, str]]:
    """Name and digest of each file that the package is made of, sorted; the list of public names is none of them."""
    root = str(Path(__file__).resolve().parent.parent)
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__"]
        place = folder[len(root) + 1 :].replace(os.sep, "/")
        found += [f"{place}/{name}" if place else name for name in files]
    return [(name, of_file(f"{root}/{name}")) for name in sorted(found) if name != "__init__.py"]


def of_everything(*libraries: str) -> str:
    """Return the digest of this Python's minor version, the whole package, and the versions of `libraries`."""
    rooms = [path.name for path in Path(__file__).resolve().parent.parent.iterdir() if path.is_dir()]
    return of_value([sys.version_info[:2], of_code(*sorted(rooms)), versions(*libraries)])


def _kind(name: str) -> str:
    """Return what a file of the package is to a person who asks why something is done again."""
    if name.startswith("cleaning/rules/data/"):
        return "rules"
    if name.startswith("cleaning/line_model/") and name.endswith(".npz"):
        return "line model"
    return f"the code of {name.partition('/')[0] if '/' in name else 'corpuskit'}"


@lru_cache(maxsize=64)
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def versions(*names: str) -> tuple[tuple[str, str], ...]:
    """Return the installed version of each distribution, "" for one that is not installed."""
    return tuple((name, _version(name)) for name in sorted(names))
