"""Measure source templates: on generated sources where every line is known, and on labelled sites.

    python benchmarks/templates.py                 generated sources, and the labelled sets where they are
    python benchmarks/templates.py --seeds 20      more generated sources
    python benchmarks/templates.py --first 100     others

Generated: sources of 5 to 120 documents of invented prose, with template lines (banner, menu, share bar, standing
note, inserted line, legal line, dated line with the given author) and near misses (headings, recipes with shared
steps, interviews, verse with a refrain, diaries, salutations, proverbs, copies, edited copies, excerpts, a quotation
that several documents end with). Both are counted, by occurrence and by distinct line of a source.

Labelled: the sets of CORPUSKIT_BENCH (default: ../shared/bench beside the project), with the site as the source,
cleaned by rules with and without templates learnt from the set itself, and scored with its own score.py.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from corpuskit.cleaning import Options, Owner, clean_batch
from corpuskit.cleaning.slots import known_values
from corpuskit.cleaning.templates import RULE, Templates
from corpuskit.model import Candidate
from corpuskit.tasks.templates import learn_from

TEXT, TEMPLATE, NEAR = "text", "template", "near"

_SYLLABLES = "ba ke lo mi ru ta sen dor vel pin gar hu wes lam tor nik ola fer bri sund".split()  # noqa: SIM905
_SMALL = "the a of in and to was with for that on but by at from as her his".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Made:
    """One generated document: its lines with what each is."""

    source: str
    author: str
    lines: tuple[tuple[str, str], ...]  #: (TEXT, TEMPLATE or NEAR; line)

    @property
    def text(self) -> str:
        """The document as a cleaner gets it."""
        return "\n".join(line for _, line in self.lines) + "\n"


# ------------------------------------------------------------------------------------------ generated sources


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(1, 3)))


def _sentence(dice: random.Random, least: int = 7, most: int = 18) -> str:
    words = [dice.choice(_SMALL) if dice.random() < 0.4 else _word(dice) for _ in range(dice.randint(least, most))]
    return " ".join(words).capitalize() + "."


def _paragraph(dice: random.Random) -> str:
    return " ".join(_sentence(dice) for _ in range(dice.randint(2, 5)))


def _title(dice: random.Random) -> str:
    return " ".join(_word(dice).capitalize() for _ in range(dice.randint(2, 6)))


def _article(dice: random.Random) -> list[tuple[str, str]]:
    return [(TEXT, _paragraph(dice)) for _ in range(dice.randint(3, 9))]


def _essay(dice: random.Random) -> list[tuple[str, str]]:
    """An essay with the headings that all essays have."""
    lines = _article(dice)
    inner = [(NEAR, "Introduction"), *lines[:2], (NEAR, "What we know so far"), *lines[2:]]
    return [*inner, (NEAR, "Conclusion"), (TEXT, _paragraph(dice))]


_PANTRY = (
    "Salt and pepper to taste", "2 tablespoons olive oil", "1 onion, chopped", "3 cloves of garlic", "200 g flour",
    "2 eggs",
)  # fmt: skip


def _recipe(dice: random.Random) -> list[tuple[str, str]]:
    """A recipe: the same two headings, a common pantry, and a first step that half of the recipes share."""
    pantry = [(NEAR, item) for item in dice.sample(_PANTRY, 3)]
    first = [(NEAR, f"Heat the oven to {dice.choice((160, 180, 200))} degrees.")] if dice.random() < 0.5 else []
    own = [(TEXT, f"{dice.randint(1, 9)} {_word(dice)} {_word(dice)}") for _ in range(3)]
    steps = [(TEXT, _sentence(dice)) for _ in range(5)]
    return [(TEXT, _paragraph(dice)), (NEAR, "Ingredients"), *pantry, *own, (NEAR, "Method"), *first, *steps]


def _interview(dice: random.Random) -> list[tuple[str, str]]:
    """An interview: labels on lines of their own, and two questions that everybody is asked."""
    lines = [(TEXT, _paragraph(dice))]
    own = [(TEXT, f"{_sentence(dice)[:-1]}?") for _ in range(2)]
    for asked, question in ((NEAR, "How did you begin?"), *own, (NEAR, "What comes next for you?")):
        lines += [(NEAR, "Q:"), (asked, question), (NEAR, "A:"), (TEXT, _paragraph(dice))]
    return lines


def _verse(dice: random.Random) -> list[tuple[str, str]]:
    """Stanzas with a refrain that several poems of the source share."""
    lines: list[tuple[str, str]] = []
    for _ in range(3):
        lines += [(TEXT, _sentence(dice, 4, 7)[:-1]) for _ in range(3)]
        lines.append((NEAR, "And the river knows my name."))
    return lines


def _diary(dice: random.Random) -> list[tuple[str, str]]:
    """Dated entries, as all of the diarist's texts have them."""
    lines: list[tuple[str, str]] = []
    for day in sorted(dice.sample(range(1, 29), 3)):
        lines += [(NEAR, f"{day} March {dice.randint(1990, 2020)}"), (TEXT, _paragraph(dice))]
    return lines


def _letter(dice: random.Random) -> list[tuple[str, str]]:
    """A letter: salutation, and in some a saying that stands alone."""
    lines = [(NEAR, "Dear readers,"), *_article(dice)]
    if dice.random() < 0.2:
        lines.insert(3, (NEAR, "The rest is history, as they say."))
    return lines


def _play(dice: random.Random) -> list[tuple[str, str]]:
    """A scene: speakers on lines of their own, and the words with which plays end."""
    lines: list[tuple[str, str]] = [(NEAR, "Scene One")]
    for _ in range(4):
        for speaker in ("MARIA", "THE GARDENER"):
            lines += [(NEAR, speaker), (TEXT, _sentence(dice, 5, 14))]
    return [*lines, (NEAR, "The End")]


def _questions(dice: random.Random) -> list[tuple[str, str]]:
    """Key points, then numbered parts, as all explainers of a site have them."""
    points = [(TEXT, _sentence(dice, 6, 10)) for _ in range(3)]
    parts = [line for part in (1, 2, 3) for line in ((NEAR, f"Part {part}"), (TEXT, _paragraph(dice)))]
    return [(NEAR, "Key points"), *points, (NEAR, "Why does it matter?"), (TEXT, _paragraph(dice)), *parts]


KINDS = (_article, _essay, _recipe, _interview, _verse, _diary, _letter, _play, _questions)


def make_source(seed: int, size: int, kind: int) -> list[Made]:
    """Return the documents of one generated source: `size` of kind number `kind`, and copies of some of them."""
    dice = random.Random(seed * 1009 + size * 31 + kind)
    name = f"The {_word(dice).capitalize()} {dice.choice(('Gazette', 'Herald', 'Review', 'Notebook'))}"
    menu = list(dict.fromkeys(_word(dice).capitalize() for _ in range(30)))[:4]
    note = f"{_sentence(dice, 14, 20)} {_sentence(dice, 14, 20)} {_sentence(dice, 10, 16)}"
    inserted = _sentence(dice, 8, 12)
    adverts = [_sentence(dice, 6, 10) for _ in range(3)]
    quotation = [_sentence(dice, 6, 9) for _ in range(3)]
    made: list[Made] = []
    bodies: list[list[tuple[str, str]]] = []
    for number in range(size):
        author = f"{_word(dice).capitalize()} {_word(dice).capitalize()}son"
        body = KINDS[kind](dice)
        if dice.random() < 0.8 and len(body) > 3:
            body.insert(dice.randint(2, len(body) - 1), (TEMPLATE, inserted))
        if number in (1, 2):
            body += [(NEAR, line) for line in quotation]
        bodies.append(body)
        made.append(_dressed(dice, name, author, body, menu, note, adverts))
    # three sites took the first text over: as it is, edited, in part; each time the dress is this source's own
    taken = [(NEAR if what == TEXT else what, line) for what, line in bodies[0]]
    edited = [(what, line.replace(" was ", " had been ")) for what, line in taken]
    for copy in (taken, edited, taken[: max(3, len(taken) * 2 // 3)]):
        made.append(_dressed(dice, name, made[0].author, copy, menu, note, adverts))
    made[0] = Made(name, made[0].author, tuple((NEAR if what == TEXT else what, line) for what, line in made[0].lines))
    return made


def _dressed(
    dice: random.Random,
    name: str,
    author: str,
    body: list[tuple[str, str]],
    menu: Sequence[str],
    note: str,
    adverts: Sequence[str],
) -> Made:
    """A body in the dress of its source."""
    lines = [(TEMPLATE, name), *((TEMPLATE, item) for item in menu), (TEXT, _title(dice))]
    lines.append(
        (TEMPLATE, f"Published {dice.randint(1, 28)} {dice.choice(('March', 'April', 'June'))} 2019 by {author}")
    )
    lines += body
    if dice.random() < 0.7:
        lines.append((TEMPLATE, note))
    if dice.random() < 0.9:
        lines.append((TEMPLATE, dice.choice(adverts)))
    lines.append((TEMPLATE, f"Follow {name} wherever you are"))
    lines.append((TEMPLATE, f"Copyright {dice.randint(2001, 2024)} by the publishers, all rights reserved"))
    return Made(name, author, tuple(lines))


@dataclass(frozen=True, slots=True)
class Counted:
    """Occurrences of lines of one kind, and how many were cut; the same for distinct lines of a source."""

    lines: int
    cut: int
    distinct: int
    distinct_cut: int


def count_generated(sources: Sequence[Sequence[Made]]) -> tuple[dict[str, Counted], Counter[str], Counter[str]]:
    """Learn from and clean generated sources; return the counts by kind, what was wrongly cut, and what was missed."""
    lines: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    distinct: dict[str, set[tuple[str, str]]] = {kind: set() for kind in (TEXT, TEMPLATE, NEAR)}
    taken: dict[str, set[tuple[str, str]]] = {kind: set() for kind in (TEXT, TEMPLATE, NEAR)}
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    options = Options(model=False, disable=_FAMILIES_OFF)
    for made in sources:
        owners = [Owner(one.source, (Candidate("author", one.author, "given", "column"),)) for one in made]
        templates = learnt_from([one.text for one in made], owners)
        for one, cleaned in zip(made, clean_batch([one.text for one in made], options, owners, templates), strict=True):
            gone = {edit.start for edit in cleaned.ledger if edit.rule == RULE}
            at = 0
            for kind, line in one.lines:
                lines[kind] += 1
                distinct[kind].add((one.source, line))
                if at in gone:
                    cut[kind] += 1
                    taken[kind].add((one.source, line))
                    if kind != TEMPLATE:
                        wrong[line[:60]] += 1
                elif kind == TEMPLATE:
                    missed[_shape(one, line)] += 1
                at += len(line) + 1
    return {k: Counted(lines[k], cut[k], len(distinct[k]), len(taken[k])) for k in distinct}, wrong, missed


def _shape(made: Made, line: str) -> str:
    """Which of the template lines of a generated source this is."""
    for start, shape in (("Published", "dated line"), ("Follow", "share line"), ("Copyright", "legal line")):
        if line.startswith(start):
            return shape
    if line == made.source:
        return "banner"
    if " " not in line:
        return "menu item"
    place = [number for number, (_, other) in enumerate(made.lines) if other == line][-1]
    return "standing note" if line.count(". ") else "advert" if place == len(made.lines) - 3 else "inserted line"


_FAMILIES_OFF = (
    "ad-marker", "caption", "byline", "dateline", "bio", "promo", "related", "share", "comment", "nav", "dup", "model",
)  # fmt: skip


def learnt_from(texts: Sequence[str], owners: Sequence[Owner]) -> Templates:
    """Learn from documents in memory."""

    def batches() -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[object]]]:
        for at in range(0, len(texts), 256):
            some = owners[at : at + 256]
            known = [known_values(one.source, one.given) for one in some]
            yield texts[at : at + 256], [one.source for one in some], known

    with tempfile.TemporaryDirectory() as folder:
        return learn_from(batches(), Path(folder))


# ------------------------------------------------------------------------------------------ labelled sites


def score_module(bench: Path) -> ModuleType:
    """Return the bench's own score.py."""
    spec = importlib.util.spec_from_file_location("bench_score", bench / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{bench / 'score.py'} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score_set(bench: Path, name: str, least: int) -> None:
    """Print the scores of one set without and with templates; `least` documents per site are wanted."""
    with gzip.open(bench / "lines" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    sites = Counter(row["domain"] for row in rows)
    rows = [row for row in rows if sites[row["domain"]] >= least]
    if not rows:
        print(f"{name:<13}    0 docs of sites with >= {least}: nothing to learn from")
        return
    texts = ["\n".join(row["lines"]) for row in rows]
    owners = [Owner(row["domain"]) for row in rows]
    templates = learnt_from(texts, owners)
    score = score_module(bench)
    for label, used in (("without", None), ("with", templates), ("alone", templates)):
        # without the line model: numbers with it are out-of-fold ones, and this is not the place for folds
        options = Options(model=False, disable=_FAMILIES_OFF if label == "alone" else ())
        cleaned = clean_batch(texts, options, owners, used)
        held = sum(one.status == "held" for one in cleaned)
        table = score.score(rows, {row["id"]: one.text for row, one in zip(rows, cleaned, strict=True)})["all"]
        print(
            f"{name:<13} {len(rows):>4} docs of sites with >= {least}  {label:<8}"
            f" removed {table['residue_removed'] or 0:.4f}"
            f"  lost/1M {table['good_lost_per_million']:>6}  F1 {table['body_f1']:.4f}  held {held}"
            + (f"  ({len(templates.entries)} templates)" if used else "")
        )


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=6, help="generated sources per size and kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--sets", nargs="*", default=["l3s.traf", "residue", "fundus.traf"])
    arguments = parser.parse_args()
    sizes = (5, 8, 15, 40, 120)
    for size in (*sizes, 0):
        chosen = [
            make_source(arguments.first + seed, one, kind)
            for one in (sizes if not size else (size,))
            for kind in range(len(KINDS))
            for seed in range(arguments.seeds if one < 100 else max(1, arguments.seeds // 6))
        ]
        counts, wrong, missed = count_generated(chosen)
        t, n, x = counts[TEMPLATE], counts[NEAR], counts[TEXT]
        cut = t.cut + n.cut + x.cut
        print(
            f"{f'sources of {size} documents' if size else 'all generated sources':<26}"
            f" precision {t.cut / max(1, cut):.4f}"
            f"  recall {t.cut / t.lines:.4f}  near misses cut {n.cut} of {n.lines}  other text cut {x.cut} of {x.lines}"
        )
        print("    missed: " + ", ".join(f"{shape} {times}" for shape, times in missed.most_common()))
        for line, times in wrong.most_common(6 if size else 12):
            print(f"    wrongly cut {times:>4} × {line!r}")
    shared = Path(os.environ.get("CORPUSKIT_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    bench = Path(os.environ.get("CORPUSKIT_BENCH") or shared / "bench")
    if not (bench / "score.py").exists():
        print(f"labelled sets SKIPPED: no {bench / 'score.py'}; set CORPUSKIT_BENCH")
        return
    for name in arguments.sets:
        for least in (1, 5):
            score_set(bench, name, least)


if __name__ == "__main__":
    main()
