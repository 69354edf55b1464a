"""Columns on a line by itself and its place in the document: lengths, signs, capitals, seams, what is around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.batch import CHARACTERS, KIND, LONG, Batch, nearest, segment_means, shifted
from corpuskit.words import WORD, pieces

__all__ = ["columns", "far", "near"]

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
BOOL = NDArray[np.bool_]

_BLOCK = 1 << 10  # lines whose characters are counted at a time: more would only leave the processor's cache
_CHARACTERS = 1 << 20  # in them, from which they are counted line by line
#: Characters that are counted where they meet, and which of them is the place.
_SEAMS = (
    ("lower meets upper", 0), ("digit meets letter", 0), ("stop meets upper", 0), ("times", 1), ("dates in digits", 1),
    ("slashes", 0), ("dots", 1), ("blanks in a row", 0), ("tabs", 0),
)  # fmt: skip


def _counts(at: I64, lines: Batch) -> F32:
    """Number of the positions `at` (of characters) per content line."""
    line = np.searchsorted(lines.starts, at, side="right") - 1
    inside = (line >= 0) & (at < lines.ends[np.maximum(line, 0)])
    return np.bincount(line[inside], minlength=len(lines.rows)).astype(np.float32)


def _kinds_of_characters(lines: Batch) -> I64:
    """Count the characters of each kind in each content line: one `bincount` over the characters of a block of lines."""
    kind_count = len(CHARACTERS)
    table = np.empty((len(lines.rows), kind_count), dtype=np.int64)
    for begin in range(0, len(table), _BLOCK):
        starts = lines.starts[begin : begin + _BLOCK]
        length = lines.ends[begin : begin + _BLOCK] - starts
        if length.sum() > _CHARACTERS:  # a line may be as long as a book
            for line, (start, size) in enumerate(zip(starts.tolist(), length.tolist(), strict=True), begin):
                parts = [lines.kinds[start + some.start : start + some.stop] for some in pieces(size)]
                table[line] = sum(np.bincount(part, minlength=kind_count) for part in parts)
            continue
        line_of = np.repeat(np.arange(len(starts), dtype=np.int64), length)
        at = np.arange(len(line_of), dtype=np.int64) + np.repeat(starts - (np.cumsum(length) - length), length)
        counts = np.bincount(line_of * kind_count + lines.kinds[at], minlength=len(starts) * kind_count)
        table[begin : begin + _BLOCK] = counts.reshape(-1, kind_count)
    return table


def _seams(lines: Batch) -> dict[str, F32]:
    """Columns on characters that meet: "readingThe garden", "03/7The", "gepflanzt.Foto"; looked for a piece of the text at a
    time."""
    at: dict[str, list[I64]] = {name: [] for name, _ in _SEAMS}
    lower, upper, digit, stop, space = (KIND[name] for name in ("lower", "upper", "digit", "stop", "space"))
    for some in pieces(len(lines.kinds)):
        # with two characters more, which the last ones of the piece may meet
        kinds, points = (each[some.start : some.stop + 2] for each in (lines.kinds, lines.words.points))
        size = some.stop - some.start
        small, capital, digits, stops, blanks = (kinds == kind for kind in (lower, upper, digit, stop, space))
        letters = small | capital
        colon, slash = points == ord(":"), points == ord("/")
        part = slash | (points == ord("."))
        met = {
            "lower meets upper": small[:-1] & capital[1:],
            "digit meets letter": digits[:-1] & letters[1:],
            "stop meets upper": stops[:-1] & capital[1:],
            "times": digits[:-2] & colon[1:-1] & digits[2:],
            "dates in digits": digits[:-2] & part[1:-1] & digits[2:],
            "slashes": slash[:-1] & slash[1:],
            "dots": stops[1:-1] & letters[:-2] & small[2:],
            "blanks in a row": blanks[:-1] & blanks[1:],
            "tabs": points == ord("\t"),
        }
        for name, shift in _SEAMS:
            at[name].append(np.flatnonzero(met[name][:size]) + (some.start + shift))
    count = {name: _counts(np.concatenate(found), lines) for name, found in at.items()}
    return {
        **{name: np.minimum(count[name], 5) for name in ("lower meets upper", "digit meets letter", "stop meets upper")},
        "times": np.minimum(count["times"], 3),
        "dates in digits": np.minimum(count["dates in digits"], 4),
        "links": np.minimum(count["slashes"] + count["dots"], 4),
        "blanks in a row": np.minimum(count["blanks in a row"], 5),
        "tabs": np.minimum(count["tabs"], 8),
    }


def columns(lines: Batch) -> dict[str, F32]:
    """Return the columns that describe a line by itself, the lines around it, and its place in the document."""
    return {**near(lines), **far(lines)}


def near(lines: Batch) -> dict[str, F32]:
    """Return the columns that describe a line by itself and the few lines around it."""
    count = len(lines.rows)
    words, kinds = lines.words, lines.kinds
    length = lines.ends - lines.starts
    table = _kinds_of_characters(lines)
    share = table / np.maximum(length, 1)[:, None]
    out: dict[str, F32] = {}
    chars = length.astype(np.float32)
    size = lines.size
    number = (lines.word_to - lines.word_from).astype(np.float32)
    out["words"] = size
    out["chars"] = chars
    out["chars per word"] = (chars / np.maximum(number, 1)).astype(np.float32)
    for name in ("upper", "digit", "single", "letter", "separator", "bracket", "symbol", "quote", "other"):
        out[f"share of {name}"] = share[:, KIND[name]].astype(np.float32)
    counted = ("stop", "exclamation", "question", "comma", "colon", "dash", "handle", "ellipsis", "separator", "quote")
    for name in counted:
        out[f"count of {name}"] = np.minimum(table[:, KIND[name]], 20).astype(np.float32)
    out["commas per word"] = (table[:, KIND["comma"]] / np.maximum(size, 1)).astype(np.float32)
    out["stops per word"] = (table[:, KIND["stop"]] / np.maximum(size, 1)).astype(np.float32)
    out["first character"] = kinds[lines.starts].astype(np.float32)
    out["last character"] = kinds[lines.ends - 1].astype(np.float32)
    out["second to last character"] = kinds[np.maximum(lines.ends - 2, lines.starts)].astype(np.float32)
    out["ends a sentence"] = _ends_a_sentence(lines).astype(np.float32)

    out.update(_seams(lines))
    # Words by their form.
    points, upper, digit = words.points, KIND["upper"], KIND["digit"]
    initial = kinds[words.starts]
    wide = (words.ends - words.starts).astype(np.int64)
    second = kinds[np.minimum(words.starts + 1, len(kinds) - 1)]
    capital = initial == upper
    spelled = (words.classes[words.starts] == WORD) & (initial != digit)
    denominator = np.maximum(np.bincount(lines.word_line[spelled], minlength=count), 1)

    def of_words(mask: BOOL) -> NDArray[np.int64]:
        return np.bincount(lines.word_line[mask], minlength=count)

    out["share of capitalised words"] = (of_words(capital) / denominator).astype(np.float32)
    out["share of long capitalised words"] = (
        of_words(capital & (wide > 3)) / np.maximum(of_words(spelled & (wide > 3)), 1)
    ).astype(np.float32)
    loud = capital & (wide > 1) & (second == upper)
    out["share of upper-case words"] = (of_words(loud) / denominator).astype(np.float32)
    out["share of short words"] = (of_words(spelled & (wide <= 3)) / denominator).astype(np.float32)
    years = (initial == digit) & (wide == 4) & ((points[words.starts] == ord("1")) | (points[words.starts] == ord("2")))
    out["years"] = np.minimum(of_words(years), 4).astype(np.float32)
    out["numbers"] = np.minimum(of_words(initial == digit), 10).astype(np.float32)
    out["initials"] = np.minimum(of_words(capital & (wide == 1)), 4).astype(np.float32)
    out["first word in capitals"] = loud[lines.word_from].astype(np.float32)
    out["first word capitalised"] = capital[lines.word_from].astype(np.float32)
    out["longest word"] = np.maximum.reduceat(wide, lines.word_from).astype(np.float32) if count else chars
    sentences = np.maximum(table[:, [KIND[k] for k in ("stop", "exclamation", "question")]].sum(axis=1), 1)
    out["words per sentence"] = (size / sentences).astype(np.float32)
    out["words before colon"] = _before_colon(lines)
    out.update(_around(lines, out))
    return out


def _ends_a_sentence(lines: Batch) -> BOOL:
    """Whether each line ends as a sentence does; a quotation mark or bracket may stand behind."""
    final = lines.kinds[lines.ends - 1]
    closing = np.isin(final, [KIND["quote"], KIND["bracket"]]) & (lines.ends - lines.starts > 1)
    final = np.where(closing, lines.kinds[np.maximum(lines.ends - 2, 0)], final)
    return np.isin(final, [KIND[k] for k in ("stop", "exclamation", "question", "ellipsis")])


def _before_colon(lines: Batch) -> F32:
    """Number of words before the first colon of each line (9 for nine or more), -1 where it has none."""
    colons = np.flatnonzero(lines.kinds == KIND["colon"])
    padded = np.append(colons, len(lines.kinds))
    first = padded[np.searchsorted(colons, lines.starts)]
    words = np.searchsorted(lines.words.starts, first) - lines.word_from
    return np.where(first < lines.ends, np.minimum(words, 9), -1).astype(np.float32)


def far(lines: Batch) -> dict[str, F32]:
    """Return the columns for which the whole document is looked at: the place of a line, and what all lines are like."""
    size, sentence = lines.size, _ends_a_sentence(lines)
    count = len(size)
    here = np.arange(count, dtype=np.int64)
    number = (lines.last - lines.first + 1).astype(np.float32)
    long = size >= LONG
    prose = (size >= 8) & sentence
    out: dict[str, F32] = {}
    out["lines before"] = np.minimum(here - lines.first, 60).astype(np.float32)
    out["lines after"] = np.minimum(lines.last - here, 60).astype(np.float32)
    out["place"] = ((here - lines.first + 0.5) / number).astype(np.float32)
    total = np.zeros(count + 1, dtype=np.float64)
    np.cumsum(size, dtype=np.float64, out=total[1:])
    body = np.zeros(count + 1, dtype=np.float64)
    np.cumsum(np.where(prose, size, 0), dtype=np.float64, out=body[1:])
    whole = total[lines.last + 1] - total[lines.first]
    out["share of words after"] = ((total[lines.last + 1] - total[here + 1]) / whole).astype(np.float32)
    prose_words = body[lines.last + 1] - body[lines.first]
    floor = np.maximum(prose_words, 1)
    out["share of prose after"] = ((body[lines.last + 1] - body[here + 1]) / floor).astype(np.float32)
    out["share of prose before"] = ((body[here] - body[lines.first]) / floor).astype(np.float32)
    out["prose words after"] = (body[lines.last + 1] - body[here + 1]).astype(np.float32)
    out["prose words before"] = (body[here] - body[lines.first]).astype(np.float32)
    for name, mask in (("paragraph", long), ("prose", prose)):
        previous, following = nearest(mask, lines)
        has_previous, has_following = previous >= 0, following >= 0
        out[f"lines since {name}"] = np.where(has_previous, np.minimum(here - previous, 50), 60).astype(np.float32)
        out[f"lines until {name}"] = np.where(has_following, np.minimum(following - here, 50), 60).astype(np.float32)
        low = np.where(has_previous, previous + 1, lines.first)
        high = np.where(has_following, following, lines.last + 1)
        out[f"run between {name}"] = np.minimum(high - low, 80).astype(np.float32)
        out[f"words of run between {name}"] = np.minimum(total[high] - total[low], 2000).astype(np.float32)
    out["document lines"] = number
    out["document words"] = whole.astype(np.float32)
    out["document prose share"] = (prose_words / whole).astype(np.float32)
    documents = lines.docs
    weight = np.bincount(documents, weights=np.where(prose, size, 0))
    many = np.bincount(documents, weights=prose)
    mean = (weight / np.maximum(many, 1))[documents]
    out["document prose line"] = mean.astype(np.float32)
    out["length by prose line"] = (size / np.maximum(mean, 8)).astype(np.float32)
    ended = np.bincount(documents, weights=sentence) / np.maximum(np.bincount(documents), 1)
    out["document sentence share"] = ended[documents].astype(np.float32)
    return out


def _around(lines: Batch, out: dict[str, F32]) -> dict[str, F32]:
    """Shapes of the neighbours: lengths, ends, signs, and how regular the lines around are."""
    size = np.minimum(lines.size, 200)
    count = len(size)
    here = np.arange(count, dtype=np.int64)
    sentence = out["ends a sentence"]
    near: dict[str, F32] = {}
    for step in (1, 2, 3):
        for sign in (-1, 1):
            name = f"{'after' if sign > 0 else 'before'} {step}"
            other = shifted(size, lines, sign * step, -1)
            near[f"length {name}"] = other
            ratio = np.maximum(other, size) / np.maximum(np.minimum(other, size), 0.5)
            near[f"length change {name}"] = np.where(other >= 0, ratio, -1).astype(np.float32)
            near[f"sentence {name}"] = shifted(sentence, lines, sign * step, -1)
    for reach in (5, 12):
        near[f"mean length {reach} before"] = segment_means(size, lines, here - reach, here, -1)
        near[f"mean length {reach} after"] = segment_means(size, lines, here + 1, here + 1 + reach, -1)
        near[f"sentences {reach} before"] = segment_means(sentence, lines, here - reach, here, -1)
        near[f"sentences {reach} after"] = segment_means(sentence, lines, here + 1, here + 1 + reach, -1)
    first, last = out["first character"], out["last character"]
    for step in (-1, 1):
        name = "after" if step > 0 else "before"
        near[f"last character {name}"] = shifted(last, lines, step, -1)
        near[f"first character {name}"] = shifted(first, lines, step, -1)
        near[f"capitalised words {name}"] = shifted(out["share of capitalised words"], lines, step, -1)
        near[f"words before colon {name}"] = shifted(out["words before colon"], lines, step, -2)
    signs = ("links", "share of digit", "count of question", "share of capitalised words", "years", "count of colon")
    for name in signs:
        near[f"{name} 4 around"] = segment_means(out[name], lines, here - 4, here + 5, -1)
    # A list of teasers repeats its shape every line, every second, every third.
    code = (first * 32 + last).astype(np.int64)
    coarse = np.searchsorted(np.array([2, 4, 8, 16, 32]), size)
    for period in (1, 2, 3, 4):
        same = np.zeros(count, dtype=np.float32)
        alike = np.zeros(count, dtype=np.float32)
        for sign in (-1, 1):
            same += shifted(code, lines, sign * period, -1) == code
            alike += shifted(coarse, lines, sign * period, -1) == coarse
        near[f"same signs every {period}"] = segment_means(same, lines, here - 3, here + 4, -1)
        near[f"same length every {period}"] = segment_means(alike, lines, here - 3, here + 4, -1)
    return near
