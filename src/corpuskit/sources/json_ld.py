"""JSON-LD in a page: the article it describes and what is said of it.

Only schema.org's article types are read. Lists of other articles (`ItemList`, `hasPart`, `relatedLink`) are not
entered, since their authors and dates are those of other texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

__all__ = ["Article", "Person", "article"]

_MAX_SCRIPT = 2 << 20  # characters of one script
_MAX_NODES = 20_000
_DEPTH = 12
_ARTICLES = re.compile(
    r"(?:^|[/:#])(?:(?:\w{0,30}Article)|(?:Live)?Blog(?:Posting)|SocialMediaPosting|DiscussionForumPosting|Report"
    r"|AnalysisNewsArticle|CreativeWork|Review|Recipe|HowTo|MedicalWebPage|WebPage|ItemPage)$"
)
_WEAK = re.compile(r"(?:CreativeWork|Review|Recipe|HowTo|WebPage|ItemPage)$")
_NOT_ENTERED = frozenset(
    ("itemListElement", "hasPart", "isPartOf", "mentions", "relatedLink", "comment", "citation", "video", "image")
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/)\s*;?\s*$"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody or something that a node names; `organisation` where its type says so."""

    name: str
    organisation: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What JSON-LD says of the page's article; empty where it says nothing."""

    headline: str = ""
    authors: tuple[Person, ...] = ()
    editors: tuple[Person, ...] = ()
    published: str = ""
    modified: str = ""
    publisher: str = ""
    language: str = ""
    license: str = ""
    url: str = ""
    weak: bool = False  #: the node is a page or a work, not an article


def article(scripts: Sequence[str], url: str, title: str) -> Article | None:
    """Return the article node of the JSON-LD `scripts` that describes the page, or None.

    Of several, the one that names the page's `url` or `title` wins, then real article types, then the first.
    """
    nodes: list[dict[str, object]] = []
    for script in scripts:
        if len(nodes) < _MAX_NODES:
            nodes.extend(_nodes(_parsed(script), 0))
    named = {
        str(node["@id"]): node for node in reversed(nodes) if isinstance(node.get("@id"), str) and node.get("name")
    }
    best: tuple[int, Article] | None = None
    for node in nodes[:_MAX_NODES]:
        if not any(_ARTICLES.search(kind) for kind in _types(node)):
            continue
        found = _article(node, named)
        score = (
            4 * bool(url and found.url and _same(found.url, url))
            + 3 * bool(title and found.headline and (found.headline in title or title in found.headline))
            + 2 * (not found.weak)
            + bool(found.authors)
        )
        if best is None or score > best[0]:
            best = (score, found)
    if best and not best[1].authors and (alone := _only_person(nodes)):
        return replace(best[1], authors=(alone,))
    return best[1] if best else None


def _only_person(nodes: list[dict[str, object]]) -> Person | None:
    """Return the one person of the graph: WordPress puts the author there even where the page node does not say so."""
    names = {_string(node.get("name")) for node in nodes if "Person" in _types(node)} - {""}
    return Person(names.pop()) if len(names) == 1 else None


def _same(one: str, other: str) -> bool:
    first, second = (re.split("[?#]", address, maxsplit=1)[0].rstrip("/") for address in (one, other))
    return first == second


def _parsed(script: str) -> object:
    """Parse a script as browsers' robots do: raw control characters, wrappers and a stray semicolon are forgiven."""
    text = _WRAPPING.sub("", script[:_MAX_SCRIPT]).strip().rstrip(";")
    for attempt in (text, _CONTROL.sub(" ", text), re.sub(r",\s{0,100}(?=[}\]])", "", _CONTROL.sub(" ", text))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: object, depth: int) -> Iterator[dict[str, object]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for item in value[:1000]:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        if any(kind.endswith("ItemList") for kind in _types(value)):
            return
        for key, inner in value.items():
            if key not in _NOT_ENTERED and isinstance(inner, dict | list):
                yield from _nodes(inner, depth + 1)


def _types(node: dict[str, object]) -> list[str]:
    kinds = node.get("@type", node.get("type"))
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _article(node: dict[str, object], named: dict[str, dict[str, object]]) -> Article:
    publisher = _people(node.get("publisher"), named)
    return Article(
        headline=_string(node.get("headline")) or _string(node.get("name")),
        authors=_people(node.get("author"), named) or _people(node.get("creator"), named),
        editors=_people(node.get("editor"), named),
        published=_string(node.get("datePublished")) or _string(node.get("dateCreated")),
        modified=_string(node.get("dateModified")),
        publisher=publisher[0].name if publisher else "",
        language=_string(node.get("inLanguage")),
        license=_string(node.get("license")),
        url=_string(node.get("mainEntityOfPage")) or _string(node.get("url")),
        weak=all(_WEAK.search(kind) for kind in _types(node) if _ARTICLES.search(kind)),
    )


def _string(value: object) -> str:
    """Return the string in `value`: itself, the first of a list, the name or id of an object."""
    if isinstance(value, list):
        return next((text for item in value[:20] if (text := _string(item))), "")
    if isinstance(value, dict):
        inner = value.get("name") or value.get("@id") or value.get("url") or value.get("@value")
        return inner.strip() if isinstance(inner, str) else ""
    return value.strip() if isinstance(value, str) else ""


def _people(value: object, named: dict[str, dict[str, object]]) -> tuple[Person, ...]:
    """Return the people in `value`, following references to other nodes."""
    found: list[Person] = []
    for item in value[:200] if isinstance(value, list) else [value]:
        if isinstance(item, str) and item.strip():
            found.append(Person(item.strip()))
        elif isinstance(item, dict):
            key = item.get("@id")
            node = item if item.get("name") else named.get(key, item) if isinstance(key, str) else item
            names = node.get("name")
            for name in names[:200] if isinstance(names, list) else [names]:
                if isinstance(name, str) and name.strip():
                    organisation = any(kind.endswith("Organization") for kind in _types(node))
                    found.append(Person(name.strip(), organisation))
    return tuple(dict.fromkeys(found))
