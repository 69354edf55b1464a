"""Text and positions: lines, views, and the two functions of the account.

Every position counts code points. Lines are split at ``\\n`` and nowhere else: ``str.splitlines`` also splits
at U+2028, U+0085, form feed and others, and would lose them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from corpuskit.errors import LawError, UsageError
from corpuskit.model import Edit

__all__ = ["View", "apply", "check", "compose", "lines", "proved", "restore", "view"]


def lines(text: str) -> list[tuple[int, int]]:
    """Return the spans of the lines of `text`, each with its ``\\n``; they cover the text without gaps.

    The last line has no ``\\n`` when the text does not end in one. An empty text has no lines.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    find = text.find
    while (at := find("\n", start)) >= 0:
        spans.append((start, at + 1))
        start = at + 1
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def apply(raw: str, ledger: Sequence[Edit]) -> str:
    """Return the clean text: `raw` with each edit of `ledger` made.

    Raises `LawError` when the edits are not sorted and disjoint, or when `removed` is not what stands in `raw`.
    """
    if not ledger:
        return raw
    parts: list[str] = []
    at = 0
    for edit in ledger:
        if edit.start < at or edit.end <= edit.start:
            raise LawError(f"edit {edit.rule} at [{edit.start}, {edit.end}) overlaps the one before or is empty")
        if raw[edit.start : edit.end] != edit.removed:
            raise LawError(f"edit {edit.rule} at [{edit.start}, {edit.end}) removes what is not there")
        parts.append(raw[at : edit.start])
        parts.append(edit.inserted)
        at = edit.end
    parts.append(raw[at:])
    return "".join(parts)


def restore(clean: str, ledger: Iterable[Edit | Mapping[str, Any]]) -> str:
    """Return the raw text: `clean` with each edit of `ledger` undone; the inverse of `apply`.

    Edits may be rows of the published config `removed`, those of one document in their order. Raises `LawError` when `clean`
    does not hold what the edits inserted, `UsageError` for a row that does not tell what it removed.
    """
    edits = [edit if isinstance(edit, Edit) else _edit(edit) for edit in ledger]
    if not edits:
        return clean
    parts: list[str] = []
    at = 0  # in the clean text
    raw_at = 0
    for edit in edits:
        kept = edit.start - raw_at
        parts.append(clean[at : at + kept])
        at += kept
        if not clean.startswith(edit.inserted, at):
            raise LawError(f"edit {edit.rule} at [{edit.start}, {edit.end}): its insertion is not in the clean text")
        at += len(edit.inserted)
        parts.append(edit.removed)
        raw_at = edit.end
    parts.append(clean[at:])
    return "".join(parts)


def _edit(row: Mapping[str, Any]) -> Edit:
    if row["removed"] is None:
        raise UsageError(
            f"edit {row['rule']} at [{row['start']}, {row['end']}): what it removed is personal data and is not published; "
            "who has the raw text can check it by raw_sha256"
        )
    names = ("rule", "start", "end", "removed", "inserted", "evidence", "confidence")
    return Edit(*(row.get(name) for name in names))  # type: ignore[arg-type]  # the types are those of the schema


def check(raw: str, clean: str, ledger: Sequence[Edit]) -> None:
    """Prove law 1 for one document; raise `LawError` when it does not hold."""
    if not ledger:
        if raw != clean:
            raise LawError("a document without edits was changed")
        return
    if proved(raw, ledger) != clean:
        raise LawError("apply(raw, ledger) is not the clean text")


def proved(raw: str, ledger: Sequence[Edit]) -> str:
    """Return the clean text that `apply` makes, with law 1 proved of it; raise `LawError` when it does not hold."""
    clean = apply(raw, ledger)
    if ledger and restore(clean, ledger) != raw:
        raise LawError("restore(clean, ledger) is not the raw text")
    return clean


@dataclass(frozen=True)
class View:
    """A raw text as it reads after some edits, with the map of its positions back to the raw text."""

    raw: str
    edits: tuple[Edit, ...]
    text: str

    @cached_property
    def _anchors(self) -> tuple[list[int], list[int]]:
        """View position and raw position at which each stretch of kept text ends (and its edit begins)."""
        starts: list[int] = []
        offsets: list[int] = []
        shift = 0  # view position minus raw position
        for edit in self.edits:
            starts.append(edit.start + shift)
            offsets.append(shift)
            shift += len(edit.inserted) - (edit.end - edit.start)
        offsets.append(shift)
        return starts, offsets

    def lift(self, start: int, end: int) -> tuple[int, int]:
        """Map the view span `[start, end)` to the smallest raw span that produced it.

        An end that falls inside an inserted string widens to the bounds of that edit. Text deleted at either
        border of the span stays outside; text deleted within it is inside. `start` must be below `end`.
        """
        if start >= end:
            raise ValueError(f"empty span [{start}, {end})")
        if not self.edits:
            return start, end
        starts, offsets = self._anchors
        # The first character: the last edit that begins at or before it and is already behind it, or holds it.
        at = bisect_right(starts, start) - 1
        raw_start = start - offsets[at + 1]
        if at >= 0:
            edit = self.edits[at]
            if start < starts[at] + len(edit.inserted):
                raw_start = edit.start
        # The last character, found the same way, then one step further.
        last = end - 1
        at = bisect_right(starts, last) - 1
        raw_end = last - offsets[at + 1] + 1
        if at >= 0:
            edit = self.edits[at]
            if last < starts[at] + len(edit.inserted):
                raw_end = edit.end
        return raw_start, raw_end


def view(raw: str, edits: Iterable[Edit]) -> View:
    """Return the view of `raw` after `edits` (sorted and disjoint)."""
    ordered = tuple(edits)
    return View(raw, ordered, apply(raw, ordered))


def compose(raw: str, inner: Sequence[Edit], outer: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return one ledger over `raw` that does what `inner` (over `raw`) and then `outer` (over its result) do.

    An outer edit absorbs the inner ones that it touches: its `removed` is the raw slice, their rule ids stay in
    its evidence. What an inner edit inserted beside the outer span stays in the clean text.
    """
    if not outer:
        return tuple(inner)
    middle = view(raw, inner)
    if not inner:
        apply(raw, outer)  # raises when it does not fit
        return tuple(outer)
    text = middle.text
    placed: list[tuple[int, int, Edit]] = []  # inner edits with the span of what they inserted
    shift = 0
    for edit in inner:
        at = edit.start + shift
        placed.append((at, at + len(edit.inserted), edit))
        shift += len(edit.inserted) - (edit.end - edit.start)

    result: list[Edit] = []
    waiting = 0  # the first inner edit not yet passed on
    group: list[Edit] = []  # outer edits that end up in one edit, because they cut into one insertion
    group_raw = (0, 0)

    def close() -> None:
        nonlocal waiting
        if not group:
            return
        raw_start, raw_end = group_raw
        middle_start, middle_end = group[0].start, group[-1].end
        absorbed: list[str] = []
        while waiting < len(placed) and placed[waiting][2].start < raw_end:
            begin, end, edit = placed[waiting]
            waiting += 1
            if edit.end <= raw_start:
                result.append(edit)
                continue
            absorbed.append(edit.rule)
            middle_start, middle_end = min(middle_start, begin), max(middle_end, end)
        parts: list[str] = []
        at = middle_start
        for edit in group:
            parts.append(text[at : edit.start])
            parts.append(edit.inserted)
            at = edit.end
        parts.append(text[at:middle_end])
        lead = max(group, key=lambda e: (e.end - e.start, -e.start))
        absorbed += [e.rule for e in group if e is not lead]
        evidence = lead.evidence
        if absorbed:
            evidence += f"; absorbs {', '.join(sorted(set(absorbed)))}"
        result.append(
            Edit(lead.rule, raw_start, raw_end, raw[raw_start:raw_end], "".join(parts), evidence, lead.confidence)
        )
        group.clear()

    for edit in outer:
        raw_start, raw_end = middle.lift(edit.start, edit.end)
        if group and raw_start < group_raw[1]:
            group.append(edit)
            group_raw = (group_raw[0], max(raw_end, group_raw[1]))
            continue
        close()
        group.append(edit)
        group_raw = (raw_start, raw_end)
    close()
    result += [edit for _, _, edit in placed[waiting:]]
    return tuple(result)
