"""Write the generated parts of docs/cleaning.md, and the plot beside it.

    python benchmarks/document.py            say what is stale (exit code 1)
    python benchmarks/document.py --update   write it

Examples and coverage come from the rule files, the known failures from tests/gold/known-failures.toml, the numbers
from benchmarks/cleaning.json, which `python benchmarks/cleaning.py --record` measures. Everything between
`<!-- generated: NAME -->` and `<!-- end -->` is replaced; the rest of the page is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from baselines import BASELINES
from cleaners import OURS, RULES
from corpuskit.cleaning.options import DIAL
from corpuskit.cleaning.rules.loader import load
from corpuskit.cleaning.rules.rule import Rule
from corpuskit.model import FAMILIES
from plot import Line, Panel, svg
from scoring import ROOT

__all__ = ["PAGE", "main", "pages", "stale"]

PAGE = ROOT / "docs" / "cleaning.md"
PLOT = ROOT / "docs" / "cleaning-curve.svg"
RECORD = ROOT / "benchmarks" / "cleaning.json"
FAILURES = ROOT / "tests" / "gold" / "known-failures.toml"

_BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SHOWN = ("en", "de", "fr", "ja", "ar", "any")  # languages of the examples, in order of preference
_RULES_SHOWN = 3
_PLOTTED = ("gold", "residue", "turku", "andy.traf", "fundus.traf", "wcxb.traf", "l3s.traf")


# -------------------------------------------------------------------------------------------- from the rules


def families() -> str:
    """For each family examples of what goes and of what stays, from its rule files."""
    rules = load().rules
    parts = []
    for family in FAMILIES:
        mine = [rule for rule in rules if rule.family == family]
        if not mine:
            continue
        languages = sorted({rule.language for rule in mine})
        parts.append(f"### {family}\n\n{_count(len(mine), 'rule')} in {_count(len(languages), 'language file')}.\n")
        for rule in _examples(mine):
            parts.append(f"`{rule.id}`: {rule.why}\n")
            parts.append(f"- goes: {_shown(rule.removes[0])}")
            parts += [f"- stays: {_shown(text)}" for text in rule.keeps[:2]]
            parts.append("")
    return "\n".join(parts)


def _examples(rules: Sequence[Rule]) -> list[Rule]:
    """The first rules of a family in the preferred languages, one each before a second."""
    by_language = [[rule for rule in rules if rule.language == one and rule.status == "stable"] for one in _SHOWN]
    ranked = sorted(
        (rank, place, rule) for place, found in enumerate(by_language) for rank, rule in _numbered(found)
    )
    return [rule for _, _, rule in ranked[:_RULES_SHOWN]]


def _numbered(rules: Iterable[Rule]) -> list[tuple[int, Rule]]:
    return list(enumerate(rules))


def _shown(text: str) -> str:
    """An example as inline code: line breaks become arrows, what goes stays in its brackets."""
    flat = text.strip("\n").replace("\n⟧", "⟧").replace("⟧⟦", "⟧\n⟦").replace("\n", " ↵ ")
    return f"`` {flat} ``" if "`" in flat else f"`{flat}`"


def coverage() -> str:
    """How many rules each family has in each language."""
    number = Counter((rule.language, rule.family) for rule in load().rules)
    languages = sorted({language for language, _ in number}, key=lambda one: (one == "any", one))
    shown = [family for family in FAMILIES if any(number[language, family] for language in languages)]
    rows = [["language", *shown, "all"]]
    for language in languages:
        counts = [number[language, family] for family in shown]
        rows.append([language, *(str(count or "·") for count in counts), str(sum(counts))])
    sums = [sum(number[language, family] for language in languages) for family in shown]
    rows.append(["all", *map(str, sums), str(sum(sums))])
    return _table(rows)


def failures() -> str:
    """The known failures: what is wrong, and the text; the brackets mark what should go and does not, or only that."""
    found = tomllib.loads(FAILURES.read_text(encoding="utf-8"))["failure"]
    return "".join(f"- {one['what']}: {_shown(one['text'])}\n" for one in found)


# ------------------------------------------------------------------------------------------ from measurements


def _record() -> dict[str, Any]:
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def beside() -> str:
    """The table of ways on all sets."""
    record = _record()
    ways = [name for name in (*BASELINES, RULES, OURS) if name in next(iter(record["table"].values()))]
    rows = [["set", "documents", *(name if name not in (OURS, RULES) else f"**{name}**" for name in ways)]]
    for name, found in record["table"].items():
        rows.append([name, str(record["documents"][name]), *(_scores(found[way]) for way in ways)])
    return _table(rows)


def _scores(values: Sequence[float]) -> str:
    removed, lost, f1 = values
    return f"{removed:.3f} / {lost:,} / {f1:.3f}"


def dial() -> str:
    """What each named setting of the dial reaches on each set."""
    record = _record()
    names = list(record["table"])
    settings = sorted(DIAL, key=lambda one: -DIAL[one])
    rows = [["set", *(f"{one} (confidence ≥ {DIAL[one]:g})" for one in settings)]]
    for name in names:
        points = {point[0]: point[1:] for point in record["curves"][name]}
        reached = [points.get(DIAL[one]) for one in settings]
        rows.append([name, *("not measured" if found is None else _scores(found) for found in reached)])
    return _table(rows)


def groups() -> str:
    """The classes and languages of the main set at the standard setting."""
    record = _record()
    rows = [["class or language", "residue removed", "good words lost per million", "body F1"]]
    for path, points in record["curves"].items():
        if path.startswith("residue/"):
            point = next((one for one in points if one[0] == DIAL["standard"]), None)
            if point is not None:
                _, removed, lost, f1 = point
                cells = ["" if removed is None else f"{removed:.3f}", "" if lost is None else f"{lost:,}",
                         "" if f1 is None else f"{f1:.3f}"]  # fmt: skip
                rows.append([path.removeprefix("residue/").replace("/", " "), *cells])
    return _table(rows)


def plot() -> str:
    """The plot of the curves."""
    record = _record()
    curves: dict[str, list[list[float]]] = record["curves"]
    sets = [_line(name, name, curves[name], curves[name]) for name in _PLOTTED if name in curves]
    classes = [
        _line(path.removeprefix("residue/class/"), "", points, curves["residue"])
        for path, points in curves.items()
        if path.startswith("residue/class/")
    ]
    said = (
        "Share of the residue words removed against good words lost per million, along the dial: one curve for each "
        "labelled set, and one for each class of residue of the main set. Dots are the named settings."
    )
    return svg([Panel("By labelled set", sets), Panel("By class of residue (set residue)", classes)], said)


def _line(label: str, bold: str, points: Sequence[Sequence[float]], losses: Sequence[Sequence[float]]) -> Line:
    """A curve from recorded points; the loss is always that of the whole set."""
    lost = {threshold: loss for threshold, _, loss, _ in losses}
    pairs = {point[0]: (float(lost[point[0]]), float(point[1])) for point in points}
    marked = tuple(pairs[value] for value in sorted(DIAL.values()) if value in pairs) if bold else ()
    return Line(label, tuple(pairs[threshold] for threshold in sorted(pairs)), marked, bold == "residue")


# ------------------------------------------------------------------------------------------------- the pages


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""])


PARTS: dict[str, Callable[[], str]] = {
    "families": families,
    "coverage": coverage,
    "dial": dial,
    "beside": beside,
    "groups": groups,
    "failures": failures,
}


def pages() -> dict[Path, str]:
    """Return what the generated files must hold.

    Raises `KeyError` for a block of the page that no part here writes.
    """
    text = PAGE.read_text(encoding="utf-8")
    fresh = _BLOCK.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)
    return {PAGE: fresh, PLOT: plot()}


def stale() -> list[Path]:
    """Return the files that do not hold what they must."""
    return [
        path
        for path, fresh in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != fresh
    ]


def main(arguments: Sequence[str]) -> int:
    """Check, or write with --update; return 0 when all is as it must be."""
    wrong = stale()
    if "--update" in arguments:
        fresh = pages()
        for path in wrong:
            path.write_text(fresh[path], encoding="utf-8")
        return 0
    for path in wrong:
        print(f"{path.relative_to(ROOT)} is stale: run make docs", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
