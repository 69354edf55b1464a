"""The line model as it is shipped: one data file, read once; scores for a batch, reasons for a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from corpuskit.cache import Arrays, arrays
from corpuskit.cleaning.line_model import hits, ngrams, shape, ties
from corpuskit.cleaning.line_model.batch import REACH, Batch, batch, part
from corpuskit.cleaning.line_model.network import REACH as SEEN
from corpuskit.cleaning.line_model.network import Network
from corpuskit.cleaning.line_model.trees import Trees
from corpuskit.words import Words, scan

__all__ = ["LineModel", "Scores", "load", "mixed", "shipped"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

_FILE = "line_model.npz"
_REASONS = 3
_EXPLAINED = 128  # lines explained at a time: each takes some kilobytes
_NETWORK = 0.7  # the network is surer of itself: its logits on unseen articles spread by 4.9, those of the trees by 3.4
_LINES = 1 << 14  # content lines whose columns are there at a time
_BESIDE = REACH + SEEN  # lines beside these that matter to them
_ORDER = "order of the lines"  # what a reason of the network is called


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The probabilities of a batch, with what is needed to explain them."""

    lines: tuple[F64, ...]  #: per text: probability of residue of each of its lines, 3 decimals
    columns: F32  #: features times content lines that may be cut, and explained
    order: F64  #: what the network says of each of them
    rows: I64  #: index of each of them among all lines of the batch
    firsts: I64  #: index of each text's first line among all lines of the batch


@dataclass(frozen=True, eq=False)
class LineModel:
    """A trained model: linear scores on hashed words, trees and a network on the columns, and a calibration."""

    features: tuple[str, ...]  #: names of the columns, in order
    heads: tuple[str, ...]  #: names of the linear scores
    weights: NDArray[np.int8]  #: buckets times heads
    scales: F32
    biases: F32
    rarity: U8  #: weight of a word by the first bits of its hash
    trees: Trees
    network: Network
    knots: F64  #: two rows: raw value and probability, both rising
    card: str  #: JSON: how it was made (digests of data and rules, versions, in-sample score)

    @cached_property
    def _lanes(self) -> list[NDArray[np.uint64]]:
        return ngrams.lanes(self.weights)

    def columns(
        self, texts: Sequence[str], marks: U8 | None = None, found: Words | None = None
    ) -> tuple[F32, I64, I64]:
        """Return all columns (one row per feature), the lines they stand for, and each text's first line.

        Lines are counted over the whole batch: the stretches between breaks, so that a text ending in ``\\n``
        has an empty last one. `marks` has one row per such line (see `hits.marked`); without it no rule hits.
        `found` are the words of `texts`, where they are known already; then those are not looked at.
        """
        lines = batch(texts, found)
        table = np.empty((len(self.features), len(lines.rows)), dtype=np.float32)
        for begin, end, first, some in self._tables(lines, marks):
            table[:, begin:end] = some[:, begin - first : end - first]
        return table, lines.rows, _firsts(lines.words)

    def _tables(self, lines: Batch, marks: U8 | None) -> Iterator[tuple[int, int, int, F32]]:
        """Yield all columns of the content lines `[begin, end)`, so many lines at a time: `(begin, end, first, table)`.

        `table` begins with the line `first` and also holds the lines beside these that the network sees. A long text has
        a kilobyte of columns for each line.
        """
        if not len(lines.rows):
            return
        if marks is None:
            marks = np.zeros((len(lines.words.line_starts), len(hits.GROUPS)), dtype=np.uint8)
        count = len(lines.rows)
        scores = ngrams.says(lines, self._lanes, self.scales, self.biases)
        far = {  # what takes most while it is made comes first
            **ties.columns(lines, self.rarity), **shape.far(lines), **hits.far(lines, marks),
            **ngrams.far(lines, scores, self.heads),
        }  # fmt: skip
        for begin in range(0, count, _LINES):
            end = min(begin + _LINES, count)
            first, last = max(begin - _BESIDE, 0), min(end + _BESIDE, count)
            some = lines if last - first == count else part(lines, first, last)
            told = marks[lines.rows[first] : lines.rows[last - 1] + 1] if some is not lines else marks
            near = {
                **shape.near(some), **hits.near(some, told), **ngrams.near(some, scores[first:last], self.heads)
            }
            table = np.empty((len(self.features), last - first), dtype=np.float32)
            for number, name in enumerate(self.features):
                table[number] = near.pop(name) if name in near else far[name][first:last]
            yield begin, end, first, table

    def score(
        self,
        texts: Sequence[str],
        marks: U8 | None = None,
        found: Words | None = None,
        floors: F64 | None = None,
        least: float = 0.0,
    ) -> Scores:
        """Return the probability that each line of each text is residue.

        A line without a word goes with its neighbours: it has the lesser of the probabilities around it.
        One probability per line as `text.lines` counts them; documents of a batch do not see each other.

        With `floors`, one for each line of the batch, it is not asked how far below its floor a line is: the network,
        which only lowers what the trees say, is left out where they say less. So it is in texts where they say less than
        `least` of each line. A probability at or above the floor, or there at or above `least`, is right.
        """
        lines = batch(texts, found or scan(texts))
        rows, firsts = lines.rows, _firsts(lines.words)
        sizes = _line_counts(lines.words, firsts)
        if not len(rows):
            nothing = np.zeros((len(self.features), 0), dtype=np.float32)
            return Scores(tuple(np.zeros(size) for size in sizes), nothing, np.zeros(0), rows, firsts)
        around = np.zeros(len(rows)) if floors is None else _around(rows, floors)
        raw, order, held, columns = self._values(lines, marks, around, least)
        asked = np.flatnonzero(~np.isnan(order))
        asked = asked[_most(self._chance(raw), lines.docs)[asked] >= least]
        raw[asked] = mixed(raw[asked], order[asked])
        chance = self._chance(raw)
        every = _spread(rows, chance, lines.words)
        said = tuple([every[begin : begin + size] for begin, size in zip(firsts.tolist(), sizes, strict=False)])
        return Scores(said, columns, order[held], rows[held], firsts)

    def _values(self, lines: Batch, marks: U8 | None, around: F64, least: float) -> tuple[F64, F64, I64, F32]:
        """What trees and network say of each content line; the lines that may be cut, and their columns.

        The network says NaN of those of which the trees say less than `around`, and of texts of which they say less than
        `least`. Where a text is looked at in parts, the latter is not known yet.
        """
        raw, order = np.empty(len(lines.rows)), np.full(len(lines.rows), np.nan)
        held: list[I64] = []
        kept: list[F32] = []
        for begin, end, first, table in self._tables(lines, marks):
            mine = slice(begin, end)
            raw[mine] = self.trees.values(table[:, begin - first : end - first])
            chance = self._chance(raw[mine])
            whole = (lines.first[mine] >= begin) & (lines.last[mine] < end)
            likely = ~whole | (_most(chance, lines.docs[mine]) >= least)
            some = begin + np.flatnonzero(likely & (chance >= around[mine]))
            asked = np.zeros(table.shape[1], dtype=bool)
            asked[some - first] = True
            last = first + len(asked)
            top, bottom = (np.clip(each[first:last] - first, 0, len(asked) - 1) for each in (lines.first, lines.last))
            order[some] = self.network.values(table, top, bottom, asked)[asked]
            some = some[self._chance(mixed(raw[some], order[some])) >= around[some]]
            held.append(some)
            kept.append(table[:, some - first])
        return raw, order, np.concatenate(held), np.concatenate(kept, axis=1)

    def _chance(self, raw: F64) -> F64:
        """Probabilities of raw values, 3 decimals: they rise together."""
        chance: F64 = np.round(np.interp(raw, self.knots[0], self.knots[1]), 3)
        return chance

    def reasons(self, scores: Scores, lines: Sequence[tuple[int, int]]) -> list[list[tuple[str, float]]]:
        """Return the features that speak most for residue in each of `lines`, strongest first, with their weight in logits.

        Lines are pairs of text and line, counted from 0 as in `scores.lines`. One without a word has no reasons.
        """
        found: list[list[tuple[str, float]]] = [[] for _ in lines]
        if not len(scores.rows):
            return found
        rows = np.array([scores.firsts[text] + line for text, line in lines], dtype=np.int64)
        places = np.minimum(np.searchsorted(scores.rows, rows), len(scores.rows) - 1)
        asked = np.flatnonzero(scores.rows[places] == rows)
        names = (*self.features, _ORDER)
        for start in range(0, len(asked), _EXPLAINED):
            some = asked[start : start + _EXPLAINED]
            at = places[some]
            weights = np.concatenate([self.trees.contributions(scores.columns[:, at]), _NETWORK * scores.order[None, at]])
            for _ in range(_REASONS):  # the first of the strongest that are left
                strongest = weights.argmax(axis=0)
                weight = weights[strongest, np.arange(len(some))]
                for line, feature, said in zip(some.tolist(), strongest.tolist(), weight.tolist(), strict=True):
                    if said > 0:
                        found[line].append((names[feature], round(said, 2)))
                weights[strongest, np.arange(len(some))] = -np.inf
        return found


def mixed(trees: F64, network: F64) -> F64:
    """Return the raw value of each line: what the less sure of trees and network says.

    Both are wrong by the block, and hardly ever about the same block: on unseen articles their mean removes no more at
    1,000 good words lost per million, and much less at 300.
    """
    return np.minimum(trees, _NETWORK * network)


def _firsts(found: Words) -> I64:
    """The index of each text's first line, and one more entry for the end."""
    return np.searchsorted(found.line_docs, np.arange(len(found.doc_starts))).astype(np.int64)


def _most(chance: F64, docs: I64) -> F64:
    """The highest of the probabilities in the text of each line; lines of one text stand together."""
    if not len(chance):
        return chance
    begins = np.append(True, docs[1:] != docs[:-1])
    most: F64 = np.maximum.reduceat(chance, np.flatnonzero(begins))[np.cumsum(begins) - 1]
    return most


def _around(rows: I64, floors: F64) -> F64:
    """The least of the floors of each content line and of the lines without a word beside it, which go with it."""
    above = np.append(0, rows[:-1] + 1)
    least: F64 = np.minimum(np.minimum.reduceat(floors, above), np.minimum.reduceat(floors, rows))
    return least


def _line_counts(found: Words, firsts: I64) -> list[int]:
    """Lines of each text as `text.lines` counts them: behind a last break there is none."""
    lasts = firsts[1:] - 1
    counts: list[int] = (np.diff(firsts) - (found.line_starts[lasts] == found.line_ends[lasts])).tolist()
    return counts


def _spread(rows: I64, chance: F64, found: Words) -> F64:
    """Probabilities of all lines from those of the lines with words; 0 in texts without any."""
    spread = np.full(len(found.line_starts), -1.0)
    spread[rows] = chance
    others = np.flatnonzero(spread < 0)
    at = np.searchsorted(rows, others)
    texts = np.concatenate([[-1], found.line_docs[rows], [-1]])  # of the lines with words, and none before and behind them
    known = np.concatenate([[0.0], chance, [0.0]])
    own = found.line_docs[others]
    above, below = texts[at] == own, texts[at + 1] == own
    least = np.minimum(np.where(above, known[at], 1.0), np.where(below, known[at + 1], 1.0))
    spread[others] = np.where(above | below, least, 0.0)
    return spread


def load(data: bytes) -> LineModel:
    """Return the model stored in the bytes of an ``.npz`` file."""
    return _model(_unpacked(data))


def _unpacked(data: bytes) -> Arrays:
    with np.load(BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _model(made: Arrays) -> LineModel:
    card = bytes(made["card"]).decode()
    facts = json.loads(card)
    return LineModel(
        features=tuple(facts["features"]),
        heads=tuple(facts["heads"]),
        weights=made["weights"],
        scales=made["scales"],
        biases=made["biases"],
        rarity=made["rarity"],
        trees=Trees(made["tree_features"], made["tree_borders"], made["leaves"], made["covers"], float(made["bias"])),
        network=Network(
            made["lows"], made["highs"], made["middles"], made["widths"], made["mix"], made["turns"], made["answer"],
        ),
        knots=made["knots"],
        card=card,
    )


@lru_cache(maxsize=1)
def shipped() -> LineModel:
    """Return the model that comes with the package; unpacked, it lies in the cache of this machine."""
    data = (resources.files(__package__) / _FILE).read_bytes()
    return _model(arrays("line-model", data, lambda: _unpacked(data)))
