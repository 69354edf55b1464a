"""Read rules from TOML: the ones that come with corpuskit, and folders of a user's own.

A rule file is `<family>/<language>.toml` and holds `[[rule]]` tables, and optionally `[fragments]`, named parts of
patterns for this file (`{{month}}`; see `fragments` for the built-in ones):

    [[rule]]
    id = "ad-marker.en.continues"       # family.language.slug, as the file's place says
    scope = "line"                      # line (default) | span | context
    any_of = ['''story continues below''']
    why = "Slot label left by the page template."
    removes = ["⟦Story continues below\n⟧The mayor said so."]
    keeps = ["The story continues below the surface.", "…"]

Optional keys: status, detector, value_any_of, max_chars, zone, ignore_case, prose, extract, confidence.

Parsing and checking a thousand rules takes seconds, too slow for a command that cleans one file: the rules of the
package are also kept as `data/rules.json`, written by `python -m corpuskit.cleaning.rules --update`. It names
the digest of the TOML files that it was made from and is passed over when they have changed, so the TOML files are
always the truth.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from corpuskit.cleaning.rules.engine import compiled, folded
from corpuskit.cleaning.rules.fragments import expand
from corpuskit.cleaning.rules.rule import DETECTORS, PATTERNLESS, Rule, RuleSet, Scope, Standing, Zone
from corpuskit.errors import RuleError, nearest
from corpuskit.model import FAMILIES

__all__ = ["RuleFile", "built_in_ids", "load", "parse", "read_builtin", "read_own", "snapshot", "with_own"]

_SNAPSHOT = "rules.json"
_REQUIRED = ("id", "any_of", "why", "removes", "keeps")
_KEYS = (
    *_REQUIRED, "scope", "status", "detector", "value_any_of", "heading_any_of", "max_chars", "zone", "ignore_case", "prose",
    "extract", "confidence",
)  # fmt: skip
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ASCII_ONLY = re.compile(r"(?<!\\)(?:\\\\)*(\\[bBwW])")
_FLAGS = re.compile(r"(?<!\\)(?:\\\\)*\(\?(?!:|P<)")
_LOOKS = re.compile(r"(?<!\\)(?:\\\\)*\(\?<?[=!]")
#: The families that rules can belong to: what the others name is done by other means.
_RULED = tuple(name for name in FAMILIES if name not in ("encoding", "template", "model", "pii", "blank"))


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file of somebody's own rules, as it was read."""

    path: Path  #: the last two parts say family and language
    text: str


def read_own(paths: Iterable[Path]) -> tuple[RuleFile, ...]:
    """Return the rule files in the folders, or of the files, `paths`. Raises `RuleError` for what cannot be read."""
    read = []
    for root in paths:
        found = sorted(root.rglob("*.toml")) if root.is_dir() else [root]
        if not found:
            raise RuleError(f"{root}: no rule files (<family>/<language>.toml) in it")
        for file in found:
            try:
                read.append(RuleFile(file, file.read_text(encoding="utf-8")))
            except (OSError, UnicodeDecodeError) as error:
                raise RuleError(f"{file}: cannot be read: {error}") from None
    return tuple(read)


def load(paths: Iterable[Path] = ()) -> RuleSet:
    """Return the built-in rules together with those of the folders or files `paths`, in the order of their ids.

    Raises `RuleError`, naming file and rule, for anything that a rule may not be.
    """
    return with_own(read_own(paths))


def with_own(own: Iterable[RuleFile]) -> RuleSet:
    """Return the built-in rules together with those of files that were read; raises what `load` does."""
    rules = list(_builtin())
    places = {rule.id: "the built-in rules" for rule in rules}
    taken: dict[tuple[str, str, str], str] = {
        (rule.scope, rule.zone, pattern): rule.id for rule in rules for pattern in rule.patterns
    }
    for file in own:
        fresh = parse(file.text, str(file.path), file.path.parent.name, file.path.stem)
        _unique(fresh, str(file.path), places, taken)
        rules += fresh
    return RuleSet(tuple(sorted(rules, key=lambda rule: rule.id)))


def built_in_ids() -> frozenset[str]:
    """Return the ids of the rules that come with the package."""
    return frozenset(rule.id for rule in _builtin())


def parse(text: str, where: str, family: str, language: str) -> list[Rule]:
    """Return the rules of one TOML file. `where` names it in messages; its place says family and language.

    Raises `RuleError`.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{where}: not TOML: {error}") from None
    for key in table:
        if key not in ("rule", "fragments"):
            raise RuleError(f"{where}: unknown table {key!r}{nearest(key, ('rule', 'fragments'))}")
    fragments = table.get("fragments", {})
    if not isinstance(fragments, dict) or not all(isinstance(value, str) for value in fragments.values()):
        raise RuleError(f"{where}: [fragments] must be names with patterns")
    entries = table.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RuleError(f"{where}: rules are [[rule]] tables")
    if family not in _RULED:
        known = ", ".join(_RULED)
        raise RuleError(f"{where}: the folder must be a family ({known}), not {family!r}{nearest(family, _RULED)}")
    rules: list[Rule] = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id") if isinstance(entry.get("id"), str) else f"rule {number}"
        try:
            rules.append(_rule(entry, family, language, fragments))
        except RuleError as error:
            raise RuleError(f"{where}: {name}: {error}") from None
    _unique(rules, where, {}, {})
    return rules


def _rule(entry: Mapping[str, Any], family: str, language: str, fragments: dict[str, str]) -> Rule:
    for key in entry:
        if key not in _KEYS:
            raise RuleError(f"unknown key {key!r}{nearest(key, _KEYS)}")
    patternless = entry.get("detector") in PATTERNLESS
    for key in _REQUIRED:
        if key not in entry and not (patternless and key == "any_of"):
            raise RuleError(f"has no {key!r}")
    identity = _string(entry, "id")
    if not identity.startswith(f"{family}.{language}.") or not _SLUG.fullmatch(identity.split(".", 2)[2]):
        raise RuleError(f"the id must be {family}.{language}.<slug>, the slug of a-z, 0-9 and '-'")
    scope = _one_of(entry, "scope", "line", get_args(Scope))
    detector = _one_of(entry, "detector", "", ("", *DETECTORS))
    if (scope == "context") != bool(detector):
        raise RuleError("scope 'context' and a detector belong together")
    values = _patterns(entry, "value_any_of", fragments)
    if (detector == "label-value") != bool(values):
        raise RuleError("'value_any_of' and the detector 'label-value' belong together")
    confidence = entry.get("confidence", 0.99)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence <= 1:
        raise RuleError("'confidence' must be a number above 0 and at most 1")
    max_chars = entry.get("max_chars", 120)
    if isinstance(max_chars, bool) or not isinstance(max_chars, int) or not 1 <= max_chars <= 2000:
        raise RuleError("'max_chars' must be a whole number from 1 to 2000")
    rule = Rule(
        id=identity,
        family=family,
        language=language,
        scope=scope,  # type: ignore[arg-type]
        patterns=() if patternless else _patterns(entry, "any_of", fragments),
        why=_string(entry, "why"),
        removes=_strings(entry, "removes"),
        keeps=_strings(entry, "keeps"),
        status=_one_of(entry, "status", "stable", get_args(Standing)),  # type: ignore[arg-type]
        detector=detector,  # type: ignore[arg-type]
        value_patterns=values,
        heading_patterns=_patterns(entry, "heading_any_of", fragments),
        max_chars=max_chars,
        zone=_one_of(entry, "zone", "any", get_args(Zone)),  # type: ignore[arg-type]
        ignore_case=_flag(entry, "ignore_case", True),
        prose=_flag(entry, "prose", False),
        extract=_extract(entry),
        confidence=float(confidence),
    )
    _papers(rule)
    return rule


def _flag(entry: Mapping[str, Any], key: str, default: bool) -> bool:
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise RuleError(f"{key!r} must be true or false")
    return value


def _papers(rule: Rule) -> None:
    """Check what a rule must show, and that its patterns are ones the engine takes."""
    if (not rule.patterns and rule.detector not in PATTERNLESS) or len(set(rule.patterns)) < len(rule.patterns):
        raise RuleError("'any_of' is empty or says a pattern twice")
    if not rule.removes:
        raise RuleError("needs at least one text in 'removes'")
    for text in rule.removes:
        if text.count("⟦") != text.count("⟧") or not re.search("⟦[^⟦⟧]+⟧", text):
            raise RuleError(f"'removes' must mark what goes with ⟦ and ⟧: {text!r}")
    if rule.status == "stable" and len(rule.keeps) < 2:
        raise RuleError(
            "needs at least two texts in 'keeps': a rule is stable, which is to say it cuts, unless it says "
            "status = \"preview\" and only reports"
        )
    groups: set[str] = set()
    for pattern in (*rule.patterns, *rule.value_patterns, *rule.heading_patterns):
        one = compiled(pattern, rule.ignore_case)
        if one.fullmatch("") is not None:
            raise RuleError(f"the pattern matches the empty string: {pattern!r}")
        groups.update(one.groupindex)
    for field, group in rule.extract:
        if group not in groups:
            raise RuleError(f"'extract' takes {field!r} from the group {group!r}, which no pattern has")


def _patterns(entry: Mapping[str, Any], key: str, fragments: dict[str, str]) -> tuple[str, ...]:
    patterns = _strings(entry, key) if key in entry else ()
    for pattern in patterns:
        if trap := _ASCII_ONLY.search(pattern):
            raise RuleError(
                f"{trap.group(1)} knows ASCII only in RE2; write a fragment such as {{{{letter}}}}: {pattern!r}"
            )
        if _LOOKS.search(pattern):
            raise RuleError(
                f"RE2 knows no look-ahead and no look-behind; say what the whole line is, and show in 'keeps' what it is "
                f"not: {pattern!r}"
            )
        if _FLAGS.search(pattern):
            raise RuleError(f"flags inside a pattern are not allowed (use 'ignore_case'): {pattern!r}")
    return tuple(folded(expand(pattern, fragments)) for pattern in patterns)


def _extract(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    table = entry.get("extract", {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise RuleError("'extract' must be a table of fields and the names of groups")
    return tuple(table.items())


def _string(entry: Mapping[str, Any], key: str) -> str:
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise RuleError(f"{key!r} must be a text that is not blank")
    return value


def _strings(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry[key]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise RuleError(f"{key!r} must be a list of texts")
    return tuple(value)


def _one_of(entry: Mapping[str, Any], key: str, default: str, known: tuple[str, ...]) -> str:
    value = entry.get(key, default)
    if value not in known:
        raise RuleError(f"{key!r} must be one of {', '.join(filter(None, known))}, not {value!r}")
    return str(value)


def _unique(
    rules: list[Rule], where: str, places: dict[str, str], taken: dict[tuple[str, str, str], str]
) -> None:
    """Check that no id and no pattern comes twice; add those of `rules` to `places` and `taken`."""
    for rule in rules:
        if rule.id in places:
            raise RuleError(f"{where}: {rule.id}: the id is already in {places[rule.id]}")
        places[rule.id] = where
        for pattern in rule.patterns:
            key = (rule.scope, rule.zone, pattern)
            if key in taken:
                raise RuleError(f"{where}: {rule.id}: {pattern!r} is already a pattern of {taken[key]}")
            taken[key] = rule.id


def read_builtin() -> dict[str, str]:
    """Return the text of each built-in rule file by its name `<family>/<language>.toml`, sorted."""
    root = str(files("corpuskit.cleaning.rules") / "data")  # text, since paths as objects take five times as long
    texts: dict[str, str] = {}
    for family in sorted(os.listdir(root)):
        if not family.endswith(".json"):
            for name in sorted(os.listdir(f"{root}/{family}")):
                if name.endswith(".toml"):
                    with open(f"{root}/{family}/{name}", "rb") as stream:
                        texts[f"{family}/{name}"] = stream.read().decode()
    return texts


def _digest(texts: Mapping[str, str]) -> str:
    said = hashlib.sha256()
    for name, text in texts.items():
        said.update(f"{name}\n{len(text)}\n{text}".encode())
    for module in ("fragments.py", "rule.py"):
        said.update((files("corpuskit.cleaning.rules") / module).read_bytes())
    return said.hexdigest()


def _parse_all(texts: Mapping[str, str]) -> list[Rule]:
    rules: list[Rule] = []
    places: dict[str, str] = {}
    taken: dict[tuple[str, str, str], str] = {}
    for name, text in texts.items():
        family, file = name.split("/")
        fresh = parse(text, name, family, file.removesuffix(".toml"))
        _unique(fresh, name, places, taken)
        rules += fresh
    return sorted(rules, key=lambda rule: rule.id)


def _builtin() -> list[Rule]:
    texts = read_builtin()
    try:
        stored = json.loads((files("corpuskit.cleaning.rules") / "data" / _SNAPSHOT).read_bytes())
    except FileNotFoundError:
        stored = {}
    if stored.get("digest") == _digest(texts):
        return [
            Rule(**{**row, **{key: _tuples(row[key]) for key in row if isinstance(row[key], list)}})
            for row in stored["rules"]
        ]
    return _parse_all(texts)


def built_in_patterns() -> list[tuple[str, bool]]:
    """Return each pattern of the built-in rules that matches whole lines, with whether it ignores case."""
    rules = _parse_all(read_builtin())
    return [(pattern, rule.ignore_case) for rule in rules if rule.scope != "span" for pattern in rule.patterns]


def _tuples(value: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(item) if isinstance(item, list) else item for item in value)


def snapshot() -> str:
    """Return what `data/rules.json` must hold for the built-in rule files as they are."""
    texts = read_builtin()
    blank = Rule(*("",) * 4, (), "", (), ())  # type: ignore[arg-type]
    names = list(Rule.__slots__)
    rows = [
        {
            name: getattr(rule, name)
            for name in names
            if name in names[:8] or getattr(rule, name) != getattr(blank, name)
        }
        for rule in _parse_all(texts)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"digest": "{_digest(texts)}", "rules": [\n{lines}\n]}}\n'
