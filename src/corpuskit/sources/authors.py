"""authors.toml: the names that a person has accepted as one author's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpuskit.errors import ConfigError

if TYPE_CHECKING:
    from corpuskit.metadata.aliases import Aliases

__all__ = ["load_aliases"]


def load_aliases(home: Path, name: str) -> Aliases:
    """Return the aliases of the file `name`, relative to `home`; none when `name` is empty. Raises `ConfigError`."""
    if not name:
        return ()
    from corpuskit.metadata.aliases import parse_aliases

    path = home / name
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"[metadata] authors = {name!r}: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    return parse_aliases(text, str(path))
