"""Sources that a person declares in sources.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from corpuskit.errors import ConfigError, nearest
from corpuskit.metadata.tags import language_code
from corpuskit.storage import Remote

__all__ = ["Source", "Sources", "glob_matches", "load_sources", "parse_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One `[[source]]` table."""

    name: str
    files: tuple[str, ...] = ()  #: globs of relative paths; ``**`` crosses folders, ``*`` does not
    url: str = ""
    publisher: str = ""
    license: str = ""  #: SPDX id, or words
    language: str = ""  #: ISO 639 or BCP 47
    contact: str = ""
    note: str = ""
    invented: bool = False  #: made up, for tests and demonstrations


@dataclass(frozen=True, slots=True)
class Sources:
    """All declared sources, in the order of the file."""

    entries: tuple[Source, ...] = ()
    digest: str = ""  #: sha256 of the meaning, not of the bytes: comments and layout do not count

    def named(self, name: str) -> Source | None:
        """Return the source called `name`."""
        return next((source for source in self.entries if source.name == name), None)

    def of(self, path: str) -> Source | None:
        """Return the source whose globs match `path`; raise `ConfigError` when two do."""
        found = [source for source in self.entries if any(glob_matches(glob, path) for glob in source.files)]
        if len(found) > 1:
            names = " and ".join(repr(source.name) for source in found)
            raise ConfigError(f"sources.toml: {path} belongs to two sources, {names}; make their files disjoint")
        return found[0] if found else None

    def idle(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the sources that name files and match none of `paths`, in their order."""
        left = {source.name: source.files for source in self.entries if source.files}
        for path in paths:
            if not left:
                break
            left = {name: files for name, files in left.items() if not any(glob_matches(glob, path) for glob in files)}
        return tuple(left)


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    """Translate a glob: ``**/`` any folders or none, ``**`` anything, ``*`` and ``?`` within one name."""
    parts: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            parts.append(".*")
            at += 2
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(glob[at], re.escape(glob[at])))
            at += 1
    return re.compile("".join(parts), re.DOTALL)


def glob_matches(glob: str, path: str) -> bool:
    """Say whether `path` (relative, POSIX) matches `glob` as a whole; a folder name matches all that is in it."""
    glob = glob.removeprefix("./")
    if glob.endswith("/"):
        glob += "**"
    return _compiled(glob).fullmatch(path) is not None


def load_sources(path: Path | Remote) -> Sources:
    """Read the file at `path`, or return no sources when there is no such file. Raises `ConfigError`."""
    try:
        data = path.read("") if isinstance(path, Remote) else path.read_bytes()
    except FileNotFoundError:
        return Sources(digest=sha256(b"[]").hexdigest())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    try:
        return parse_sources(data.decode("utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error


def parse_sources(text: str, where: str = "sources.toml") -> Sources:
    """Return the sources that the TOML `text` declares; `where` names it in messages. Raises `ConfigError`."""
    try:
        top = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from error
    for key in top:
        if key != "source":
            raise ConfigError(f"{where}: unknown table {key!r}{nearest(key, ['source'])}; write [[source]]")
    tables = top.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{where}: write [[source]], with two brackets")
    entries = tuple(_source(table, f"{where}, source {number}") for number, table in enumerate(tables, 1))
    seen: set[str] = set()
    for source in entries:
        if source.name in seen:
            raise ConfigError(f"{where}: two sources are called {source.name!r}")
        seen.add(source.name)
    return Sources(entries, sha256(repr(entries).encode()).hexdigest())


_KINDS = {field.name: field.type for field in fields(Source)}


def _source(table: dict[str, object], where: str) -> Source:
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in _KINDS:
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(key, list(_KINDS))}")
        if key == "files":
            globs = [value] if isinstance(value, str) else value
            if not isinstance(globs, list) or not all(isinstance(glob, str) and glob for glob in globs):
                raise ConfigError(f"{where}: files must be a list of globs")
            if any(glob.count("*") > 8 or len(glob) > 1000 for glob in globs):
                raise ConfigError(f"{where}: a glob has at most 8 stars and 1,000 characters")
            values[key] = tuple(globs)
        elif key == "invented":
            if not isinstance(value, bool):
                raise ConfigError(f"{where}: invented must be true or false")
            values[key] = value
        elif not isinstance(value, str) or "\x00" in value:
            raise ConfigError(f"{where}: {key} must be a string")
        else:
            values[key] = value
    language = str(values.get("language", ""))
    if language and not language_code(language):
        raise ConfigError(f'{where}: language = {language!r}: a code of ISO 639 is wanted, such as "en" or "pt-BR"')
    if not values.get("name"):
        raise ConfigError(f"{where}: name is missing")
    return Source(**values)  # type: ignore[arg-type]  # checked key by key above
