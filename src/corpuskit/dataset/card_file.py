"""``card.toml``: what only the publisher can say about a dataset."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from corpuskit.dataset.registry import hub_license
from corpuskit.errors import ConfigError, nearest

__all__ = ["CardFile", "Section", "read_card_file"]


@dataclass(frozen=True, slots=True)
class Section:
    """A section that the publisher adds."""

    title: str
    text: str  #: Markdown


@dataclass(frozen=True, slots=True)
class CardFile:
    """The publisher's words. All are optional; what is empty is left out of the card."""

    pretty_name: str = ""  #: title of the card
    summary: str = ""  #: one line
    license: tuple[str, ...] = ()  #: ids as the Hub has them, for the compilation
    license_name: str = ""  #: for the licence "other"
    license_link: str = ""
    repository: str = ""  #: "org/name" on the Hub, for the snippets
    homepage: str = ""
    contact: str = ""
    authors: tuple[str, ...] = ()  #: who made the dataset, for the citation
    citation: str = ""  #: BibTeX
    tags: tuple[str, ...] = ()
    task_categories: tuple[str, ...] = ("text-generation", "fill-mask")
    rights: str = ""  #: Markdown for "Licences and rights"
    personal_data: str = ""  #: Markdown for "Personal data"
    takedown: str = ""  #: Markdown: how to have a text taken out
    limits: tuple[str, ...] = ()  #: known limits, one per item, Markdown
    section: tuple[Section, ...] = ()  #: ``[[section]]`` with title and text


def read_card_file(path: Path) -> CardFile:
    """Read ``card.toml``.

    Raises `ConfigError` when it cannot be read, for an unknown key (naming the nearest known one), for a
    value of the wrong type, and for a licence that the Hub does not know.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML in UTF-8: {error}") from error
    known = {field.name: field.default for field in fields(CardFile)}
    values: dict[str, Any] = {}
    for key, value in found.items():
        if key not in known:
            raise ConfigError(f"{path}: unknown key {key!r}{nearest(key, tuple(known))}")
        if key == "section":
            values[key] = _sections(path, value)
        elif isinstance(known[key], tuple):
            values[key] = _texts(path, key, value)
        elif isinstance(value, str):
            values[key] = value.strip()
        else:
            raise ConfigError(f"{path}: {key} must be text")
    card = CardFile(**values)
    _check_license(path, card)
    return card


def _texts(path: Path, key: str, value: object) -> tuple[str, ...]:
    """A list of texts; a single text counts as a list of one."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ConfigError(f"{path}: {key} must be a list of texts")
    return tuple(item.strip() for item in items)


def _sections(path: Path, value: object) -> tuple[Section, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{path}: section must be written [[section]]")
    made = []
    for item in value:
        if not isinstance(item, dict) or not all(isinstance(text, str) for text in item.values()):
            raise ConfigError(f"{path}: a [[section]] has a title and a text")
        for key in item:
            if key not in ("title", "text"):
                raise ConfigError(
                    f"{path}: unknown key {key!r} in [[section]]{nearest(key, ('title', 'text'))}"
                )
        if not item.get("title") or not item.get("text"):
            raise ConfigError(f"{path}: a [[section]] has a title and a text")
        made.append(Section(" ".join(item["title"].split()), item["text"].strip()))
    return tuple(made)


def _check_license(path: Path, card: CardFile) -> None:
    for name in card.license:
        if hub_license(name) != name:
            known = hub_license(name)
            hint = f" (did you mean {known!r}?)" if known else ""
            raise ConfigError(
                f"{path}: license: the Hub does not know {name!r}{hint}; "
                'use license = "other" with license_name and license_link'
            )
    if "other" in card.license and not card.license_name:
        raise ConfigError(f'{path}: license = "other" needs a license_name')
