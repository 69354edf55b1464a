"""What changed between two dataset folders, by id and ledger: which documents, and by which rules.

Texts are compared by their digests and never shown: the ledger says what a change of text is due to.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.dataset.front import Front, read_front
from corpuskit.dataset.lint import split_files
from corpuskit.duplicates.passages import RULE
from corpuskit.errors import InputError, VerifyError

__all__ = ["Change", "Cut", "Difference", "Gone", "diff", "render"]


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """One edit of a ledger, by which two ledgers are compared."""

    start: int
    end: int
    rule: str
    digest: str  #: of what was removed and inserted


@dataclass(frozen=True, slots=True)
class Change:
    """A document that stands in both datasets and is not the same."""

    id: str
    source: str
    text: bool  #: the clean text differs
    raw: bool  #: the raw text differs: the input changed, not the cleaning
    edits_gone: tuple[Cut, ...]  #: edits of the old ledger that the new one does not make
    edits_new: tuple[Cut, ...]  #: edits of the new ledger that the old one did not make


@dataclass(frozen=True, slots=True)
class Gone:
    """A document that stands in the old dataset only."""

    id: str
    source: str
    merged_into: str  #: the document that is kept in its place, empty when it was not dropped as a copy


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one dataset to another. Each list is sorted by id."""

    old: int  #: documents of the old dataset
    new: int  #: documents of the new one
    added: tuple[tuple[str, str], ...]  #: id, source
    gone: tuple[Gone, ...]
    changed: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.gone or self.changed)


@dataclass(frozen=True, slots=True)
class _Row:
    source: str
    clean: str
    raw: str


def diff(old: Path, new: Path) -> Difference:
    """Compare two dataset folders. Raises `InputError` when one is none.

    Memory: about 300 bytes per document, and the ledgers of those documents whose ledger differs.
    """
    cards = _card(old), _card(new)
    before, after = (dict(_documents(folder, card)) for folder, card in zip((old, new), cards, strict=True))
    marks = tuple(_marks(folder, card) for folder, card in zip((old, new), cards, strict=True))
    both = [key for key in before if key in after]
    differ = {key for key in both if marks[0].get(key) != marks[1].get(key)}
    ledgers = tuple(_ledgers(folder, card, differ) for folder, card in zip((old, new), cards, strict=True))
    changed = []
    for key in sorted(both):
        was, now = before[key], after[key]
        if key not in differ and was.clean == now.clean and was.raw == now.raw:
            continue
        first, second = Counter(ledgers[0].get(key, [])), Counter(ledgers[1].get(key, []))
        changed.append(
            Change(
                key,
                now.source,
                was.clean != now.clean,
                was.raw != now.raw,
                tuple(sorted((first - second).elements())),
                tuple(sorted((second - first).elements())),
            )
        )
    lost = sorted(key for key in before if key not in after)
    merged = _merged(new, cards[1], set(lost))
    return Difference(
        len(before),
        len(after),
        tuple((key, after[key].source) for key in sorted(after) if key not in before),
        tuple(Gone(key, before[key].source, merged.get(key, "")) for key in lost),
        tuple(changed),
    )


def render(difference: Difference, *, most: int = 20) -> str:
    """Return the difference as text for a person: counts, rules, and `most` documents of each kind.

    Ids and sources come from the corpus: their control characters are shown escaped.
    """
    found = difference
    lines = [f"documents: {found.old:,} before, {found.new:,} now"]
    if found.same:
        return f"{lines[0]}\nnothing changed\n"
    texts = sum(change.text for change in found.changed)
    ledgers = sum(bool(change.edits_gone or change.edits_new) for change in found.changed)
    raws = sum(change.raw for change in found.changed)
    lines.append(
        f"added {len(found.added):,} · gone {len(found.gone):,} · changed text {texts:,} · "
        f"changed ledger {ledgers:,} · changed input {raws:,}"
    )
    rules: Counter[str] = Counter()
    for change in found.changed:
        rules.subtract(cut.rule for cut in change.edits_gone)
        rules.update(cut.rule for cut in change.edits_new)
    moved = sorted((name, number) for name, number in rules.items() if number)
    if moved:
        lines += ["", "edits by rule, in documents that stand in both"]
        lines += [f"  {number:+,}  {_shown(name)}" for name, number in moved]
    for title, items in (
        ("added", [_named(key, source) for key, source in found.added]),
        (
            "gone",
            [
                _named(gone.id, gone.source)
                + (f", merged into {_shown(gone.merged_into)}" if gone.merged_into else "")
                for gone in found.gone
            ],
        ),
        ("changed", [_change(change) for change in found.changed]),
    ):
        if items:
            lines += ["", title, *(f"  {item}" for item in items[:most])]
            if len(items) > most:
                lines.append(f"  … and {len(items) - most:,} more")
    return "\n".join(lines) + "\n"


def _change(change: Change) -> str:
    what = [name for name, is_so in (("input", change.raw), ("text", change.text)) if is_so]
    gone, new = len(change.edits_gone), len(change.edits_new)
    if gone or new:
        rules = sorted(
            {f"-{_shown(cut.rule)}" for cut in change.edits_gone}
            | {f"+{_shown(cut.rule)}" for cut in change.edits_new},
            key=lambda rule: (rule[1:], rule),
        )
        more = "" if len(rules) <= 6 else " …"
        what.append(f"ledger -{gone} +{new} ({' '.join(rules[:6])}{more})")
    return f"{_named(change.id, change.source)}: {', '.join(what)}"


def _named(key: str, source: str) -> str:
    return _shown(key) + (f" ({_shown(source)})" if source else "")


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _card(folder: Path) -> Front:
    try:
        return read_front((folder / "README.md").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, VerifyError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{folder}: is not a dataset folder of corpuskit: README.md: {what}") from error


def _rows(folder: Path, card: Front, name: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    for config in card.configs:
        for split in config.splits if config.name == name else ():
            for path in split_files(folder, split):
                try:
                    with pq.ParquetFile(path) as file:
                        yield from file.iter_batches(columns=columns)
                except (OSError, pa.ArrowException) as error:
                    raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def _documents(folder: Path, card: Front) -> Iterator[tuple[str, _Row]]:
    for batch in _rows(folder, card, "default", ["id", "source", "clean_sha256", "raw_sha256"]):
        for key, source, clean, raw in zip(
            *(
                column.to_pylist()
                for column in _ordered(batch, ("id", "source", "clean_sha256", "raw_sha256"))
            ),
            strict=True,
        ):
            yield key, _Row(source or "", clean or "", raw or "")


_LEDGER = ("id", "start", "end", "rule", "removed", "inserted")


def _cuts(folder: Path, card: Front) -> Iterator[tuple[str, int, int, str, str, str]]:
    for batch in _rows(folder, card, "removed", list(_LEDGER)):
        columns = (column.to_pylist() for column in _ordered(batch, _LEDGER))
        for key, start, end, rule, removed, inserted in zip(*columns, strict=True):
            if rule != RULE:  # a mark changes nothing
                yield key, start, end, rule, removed or "", inserted or ""


def _ordered(batch: pa.RecordBatch, names: tuple[str, ...]) -> list[pa.Array]:
    """Parquet gives columns in the order of the file, not of the question."""
    return [batch.column(name) for name in names]


def _marks(folder: Path, card: Front) -> dict[str, bytes]:
    """A digest of each document's ledger. The rows of one document stand together, sorted by span."""
    running: dict[str, bytes] = {}
    for key, start, end, rule, removed, inserted in _cuts(folder, card):
        row = repr((start, end, rule, removed, inserted)).encode()
        running[key] = hashlib.sha256(running.get(key, b"") + row).digest()[:16]
    return running


def _ledgers(folder: Path, card: Front, wanted: set[str]) -> dict[str, list[Cut]]:
    found: dict[str, list[Cut]] = {}
    if wanted:
        for key, start, end, rule, removed, inserted in _cuts(folder, card):
            if key in wanted:
                digest = hashlib.sha256(repr((removed, inserted)).encode()).hexdigest()[:16]
                found.setdefault(key, []).append(Cut(start, end, rule, digest))
    return found


def _merged(folder: Path, card: Front, wanted: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if wanted:
        for batch in _rows(folder, card, "clusters", ["member", "kept"]):
            for member, kept in zip(
                batch.column("member").to_pylist(), batch.column("kept").to_pylist(), strict=True
            ):
                if member in wanted:
                    found[member] = kept
    return found
