"""Digests of what a task depends on: files, options, corpuskit's own code, and the libraries of its stage."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["of_code", "of_file", "of_value", "versions"]

_CHUNK = 1 << 20


def of_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_value(value: Any) -> str:
    """Return the sha256 of a value made of dataclasses, lists, tuples, dicts, strings and numbers, in hex."""
    said = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(said.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        name = type(value).__qualname__
        return {"": name, **{field.name: getattr(value, field.name) for field in dataclasses.fields(value)}}
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no digest")


@lru_cache(maxsize=16)
def of_code(*parts: str) -> str:
    """Return the digest of the package's own files below `parts` ("cleaning", "text.py", …): code and data.

    The shared modules at the top of the package always count.
    """
    root = Path(__file__).resolve().parent.parent
    files = set(root.glob("*.py"))
    for part in parts:
        place = root / part
        files |= {place} if place.is_file() else {path for path in place.rglob("*") if path.is_file()}
    taken = hashlib.sha256()
    for path in sorted(files, key=lambda p: p.relative_to(root).as_posix()):
        if "__pycache__" in path.parts or (path.name == "__init__.py" and path.parent == root):
            continue
        taken.update(f"{path.relative_to(root).as_posix()}\x00{of_file(path)}\n".encode())
    return taken.hexdigest()


@lru_cache(maxsize=64)
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def versions(*names: str) -> tuple[tuple[str, str], ...]:
    """Return the installed version of each distribution, "" for one that is not installed."""
    return tuple((name, _version(name)) for name in sorted(names))
