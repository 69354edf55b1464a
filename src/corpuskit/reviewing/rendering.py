"""An explanation for the screen: the raw text with its cuts marked and named where they were made.

In colour, what was removed is red and struck through and what was inserted is green; without colour they
stand as ``[-removed-]`` and ``{+inserted+}``. Behind each cut its rule, confidence and evidence stand in
braces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpuskit.model import Candidate, Edit
from corpuskit.reviewing.explain import Explanation, Field, line_of, line_starts
from corpuskit.reviewing.visible import shorten, visible

__all__ = ["render", "render_fields"]

#: A kept stretch longer than this is shown by its ends, of this many characters each.
STRETCH = 300
END = 110
#: Of a run of untouched lines longer than this only the first and last are shown.
RUN = 6
EDGE = 2


@dataclass(frozen=True, slots=True)
class _Style:
    """What opens and closes each kind of text."""

    removed: tuple[str, str]
    inserted: tuple[str, str]
    note: tuple[str, str]
    doubt: tuple[str, str]  #: a note of low confidence, and suspects
    faint: tuple[str, str]
    strong: tuple[str, str]


_RESET = "\x1b[0m"
_COLOUR = _Style(
    removed=("\x1b[31;9m", _RESET),
    inserted=("\x1b[32m", _RESET),
    note=("\x1b[2m{", "}" + _RESET),
    doubt=("\x1b[33m{", "}" + _RESET),
    faint=("\x1b[2m", _RESET),
    strong=("\x1b[1m", _RESET),
)
_PLAIN = _Style(("[-", "-]"), ("{+", "+}"), ("{", "}"), ("{", "}"), ("", ""), ("", ""))

#: Most characters of evidence shown.
EVIDENCE = 100

#: Below this confidence a note is set in the colour of doubt.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class _Line:
    number: int  #: in the raw text, from 1
    text: str  #: safe to print
    touched: bool  #: an edit stands in it
    blank: bool


def render(explanation: Explanation, *, colour: bool = False, full: bool = False) -> str:
    """Return the document as text for a terminal, ending in a newline.

    Without `full`, long kept stretches are shown by their ends; what was cut is always shown whole. No
    control character of the document gets through.
    """
    style = _COLOUR if colour else _PLAIN
    found = explanation
    marked = list(_lines(found, style, full))
    width = len(str(marked[-1].number)) if marked else 1
    out = [_headline(found, style)]
    if found.status != "clean":
        out.append(f"{_in(style.strong, visible(found.status))}: {visible(found.reason)}")
    out.append("")
    for item in _folded(marked, full):
        if isinstance(item, _Line):
            gutter = _in(style.faint, f"{item.number:>{width}} │")
            out.append(f"{gutter} {item.text}".rstrip())
        else:
            out.append(_in(style.faint, f"{'':>{width}} ⋮ {item} lines kept"))
    out += _suspects(found, style)
    out += _by_rule(found, style)
    return "\n".join(out) + "\n"


def render_fields(explanation: Explanation, *, colour: bool = False) -> str:
    """Return the fields as text for a terminal: what was chosen, what was not, what says so, and what contradicts it."""
    style = _COLOUR if colour else _PLAIN
    starts = line_starts(explanation.raw)
    out: list[str] = []
    for field in explanation.fields:
        out += _field(field, starts, style)
    return "\n".join(out or ["no field has a candidate"]) + "\n"


def _headline(found: Explanation, style: _Style) -> str:
    share = f" ({100 * found.removed / len(found.raw):.1f} %)" if found.raw else ""
    cuts = f"{len(found.ledger)} edit{'' if len(found.ledger) == 1 else 's'}"
    text = f"{cuts}, {found.removed:,} of {len(found.raw):,} characters removed{share}"
    if found.inserted:
        text += f", {found.inserted:,} inserted"
    if found.suspects:
        text += f"; {len(found.suspects)} suspect{'' if len(found.suspects) == 1 else 's'}"
    return f"{_in(style.strong, visible(found.name))}: {text}" if found.name else text


def _lines(found: Explanation, style: _Style, full: bool) -> Iterator[_Line]:
    """The raw text line by line with its edits marked."""
    number = 1
    parts: list[str] = []
    touched = False

    def line() -> _Line:
        text = "".join(parts)
        return _Line(number, text, touched, not text.strip())

    at = 0
    told: set[tuple[str, str]] = set()
    for edit in (*found.ledger, None):
        kept = found.raw[at : edit.start if edit else len(found.raw)]
        for index, stretch in enumerate(kept.split("\n")):
            if index:
                yield line()
                number, parts, touched = number + 1, [], False
            parts.append(_stretch(stretch, full))
        if edit is None:
            break
        for index, (piece, closes) in enumerate(_pieces(edit)):
            if index:
                yield line()
                number, parts, touched = number + 1, [], False
            touched = True
            if piece:
                parts.append(_in(style.removed, piece))
            if closes:
                parts += _annotation(edit, style, told)
        at = edit.end
    if parts and (touched or "".join(parts)):
        yield line()


def _stretch(text: str, full: bool) -> str:
    if full or len(text) <= STRETCH:
        return visible(text)
    return f"{visible(text[:END])} […{len(text) - 2 * END:,} characters…] {visible(text[-END:])}"


def _pieces(edit: Edit) -> list[tuple[str, bool]]:
    """What an edit removed, line by line, and which line carries its note: the last that shows anything."""
    texts = edit.removed.split("\n")
    last = len(texts) - 1
    shown = [
        visible(text, edited=True) + ("⏎" if at < last and (not text or edit.inserted) else "")
        for at, text in enumerate(texts)
    ]
    noted = max((at for at, text in enumerate(shown) if text), default=last)
    return [(text, at == noted) for at, text in enumerate(shown)]


def _annotation(edit: Edit, style: _Style, told: set[tuple[str, str]]) -> list[str]:
    """What stands there now, and the note. A reason is told once, not for each of seven slot labels."""
    parts = []
    evidence = "" if (edit.rule, edit.evidence) in told else edit.evidence
    told.add((edit.rule, edit.evidence))
    if edit.inserted:
        parts.append(_in(style.inserted, visible(edit.inserted, edited=True).replace("\n", "⏎")))
    parts.append(_in(style.note if edit.confidence >= SURE else style.doubt, _named(edit, evidence)))
    return parts


def _named(edit: Edit, evidence: str) -> str:
    """Rule, confidence, and the evidence where it says more than the text itself."""
    text = f"{visible(edit.rule)} {_confidence(edit.confidence)}"
    evidence = evidence.strip()
    if evidence and evidence != edit.removed.strip():
        text += f": {visible(shorten(evidence, EVIDENCE), edited=True)}"
    return text


def _confidence(value: float) -> str:
    """``.987``, ``.5``, ``1``: the leading and trailing zeros say nothing."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return text.removeprefix("0") or "0"


def _folded(marked: list[_Line], full: bool) -> Iterator[_Line | int]:
    """The lines, with long runs of untouched ones replaced by their number."""
    at = 0
    while at < len(marked):
        end = at
        while end < len(marked) and not marked[end].touched:
            end += 1
        if full or end - at <= RUN:
            yield from marked[at : max(end, at + 1)]
            at = max(end, at + 1)
        else:
            yield from marked[at : at + EDGE]
            yield end - at - 2 * EDGE
            yield from marked[end - EDGE : end]
            at = end


def _suspects(found: Explanation, style: _Style) -> Iterator[str]:
    if not found.suspects:
        return
    starts = line_starts(found.raw)
    yield ""
    yield _in(style.strong, "suspects (seen, not made)")
    for edit in found.suspects:
        text = visible(shorten(edit.removed.strip("\n"), 100), edited=True)
        other = edit.inserted if edit.inserted != edit.removed else ""
        change = f" -> {visible(shorten(other, 60), edited=True)!s}" if other else ""
        note = _in(style.doubt, _named(edit, edit.evidence))
        yield f"  line {line_of(starts, edit.start)}: “{text}”{change} {note}"


def _by_rule(found: Explanation, style: _Style) -> Iterator[str]:
    if not found.ledger:
        return
    edits: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for edit in found.ledger:
        edits[edit.rule] += 1
        characters[edit.rule] += edit.end - edit.start
    yield ""
    yield _in(style.strong, "by rule")
    for rule in sorted(edits, key=lambda name: (-characters[name], name)):
        yield f"  {edits[rule]:>4} × {characters[rule]:>7,} characters  {visible(rule)}"


def _field(field: Field, starts: list[int], style: _Style) -> Iterator[str]:
    name = _in(style.strong, visible(field.name))
    if not field.chosen:
        yield f"{name}: {_in(style.faint, 'nothing chosen')}"
    for value, notes in _by_value(field.chosen, starts):
        yield f"{name}: {visible(value, edited=True)}  {_in(style.note, notes)}"
    known = {candidate.value for candidate in field.chosen}
    for value, notes in _by_value(field.others, starts):
        also, marks = ("also", style.note) if value in known else ("not", style.doubt)
        yield f"  {also}: {visible(value, edited=True)}  {_in(marks, notes)}"
    if field.conflicts:
        said = ", ".join(visible(value, edited=True) for value in field.conflicts)
        yield f"  {_in(style.strong, 'conflict')}: {_in(style.doubt, said)}"


def _by_value(candidates: Iterable[Candidate], starts: list[int]) -> Iterator[tuple[str, str]]:
    """Each value once for each origin and rule, with the lines in which they found it."""
    groups: dict[tuple[str, str, str], list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault((candidate.value, candidate.origin, candidate.rule), []).append(candidate)
    for (value, origin, rule), group in groups.items():
        numbers = [str(line_of(starts, candidate.start)) for candidate in group if candidate.start >= 0]
        parts = [origin]
        if numbers:
            parts.append(f"line{'s' if len(numbers) > 1 else ''} {' '.join(dict.fromkeys(numbers))}")
        if rule:
            parts.append(visible(rule))
        parts.append(f"confidence {_confidence(max(candidate.confidence for candidate in group))}")
        text = ", ".join(parts)
        evidence = group[0].evidence.strip()
        if evidence and evidence != value:
            text += f": {visible(shorten(evidence, EVIDENCE), edited=True)}"
        yield value, text


def _in(marks: tuple[str, str], text: str) -> str:
    return f"{marks[0]}{text}{marks[1]}"
