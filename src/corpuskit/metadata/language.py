"""Which language a text is in: a fast first tier for every text, langdetect as the arbiter of the unsure
ones.

The first tier is the model of py3langid (naive Bayes over byte n-grams, Lui & Baldwin 2012), read with numpy:
its automaton looks back at most `depth` bytes, so all positions of a batch are walked at once in `depth`
steps instead of one Python step per byte. The scores are those of py3langid itself; a test holds them equal.

The arbiter is langdetect through a factory of its own: its profiles are loaded in sorted order (`os.listdir`
order differs between file systems and decides ties) and its seed is fixed, so that an answer depends on the
text alone and never on what was asked before.
"""

from __future__ import annotations

import math
import operator
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, compress, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.metadata.language_tables import read_tables
from corpuskit.metadata.options import Options
from corpuskit.metadata.profiles import read_profiles
from corpuskit.patterns import later

__all__ = ["Guess", "identify", "windows"]

#: One code per language where the two detectors differ: written Norwegian is "no" unless it is Nynorsk.
_CODES = {"nb": "no", "zh-cn": "zh", "zh-tw": "zh", "ary": "ar", "arz": "ar", "hbo": "he", "grc": "el", "iw": "he"}

_NOISE = later(r"https?://\S{1,2000}|www\.\S{1,500}|\S{1,64}@\S{1,255}|[#@]\w{1,100}")
#: Scripts without spaces: one letter says about as much as four Latin ones.
_DENSE = later(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_ASCII = bytes(range(128))
_NO_LETTERS = bytes(point for point in range(256) if not (point < 128 and chr(point).isalpha()))
_SEED = 0
_SIDE_BY_SIDE = 384  # texts per pass: enough stretches to be worth a call of numpy each byte
_STRETCH = 96  # bytes that one lane of the automaton walks: two hundred texts make a thousand lanes
_COIN = 0.55
_PLAIN = 0.9996  # a chance from here on is 1.0 to three decimals, however its sums were made
_SPACES = later(" {2,}")
_DRAWS = 5  # between two looks of langdetect at its chances
_STEPS = 16  # looks that are made at a time: half of all trials need no more than 20
_FEW_WORDS = 1 << 12  # random words that most windows need no more than
_LARGER = 2.0**12  # times as large is each factor made: of 80 the product lies within 1e-80 and 1e220 then


F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Guess:
    """The language of one text. `code` is None where the text is too short, too mixed or not language at all."""

    code: str | None  #: ISO 639-1 (639-3 where there is no shorter one)
    confidence: float  #: 0 to 1, rounded to 3 decimals
    shares: tuple[tuple[str, float], ...] = ()  #: part of the sampled letters per language, largest first
    method: str = ""  #: "fast", "arbiter", or why there is no answer


def windows(text: str, count: int, size: int) -> list[str]:
    """Return up to `count` stretches of `text` of about `size` characters, evenly spread, the ends included.

    Stretches begin and end at white space where there is any near. A text of up to `count * size` characters
    is cut into as many stretches as it fills, so a short one is a single window.
    """
    length = len(text)
    if length <= size:
        return [text]
    if length <= count * size:
        parts = -(-length // size)
        starts = [length * at // parts for at in range(parts)]
        ends = [*starts[1:], length]
    else:
        starts = [(length - size) * at // (count - 1) for at in range(count)] if count > 1 else [0]
        ends = [start + size for start in starts]
    found = []
    for start, end in zip(starts, ends, strict=True):
        if start:
            near = _space(text, start, min(end, start + 40))
            start = near if near >= 0 else start
        if end < length:
            near = _space(text, end, min(length, end + 40))
            end = near if near >= 0 else end
        found.append(text[start:end])
    return found


def _space(text: str, start: int, end: int) -> int:
    """Position of the first blank or line break of `text[start:end]`, or -1."""
    spots = [at for at in (text.find(" ", start, end), text.find("\n", start, end)) if at >= 0]
    return min(spots, default=-1)


def identify(texts: Sequence[str], options: Options | None = None) -> list[Guess]:
    """Return a guess for each of `texts`; a guess depends on its text and the options alone, not on the
    batch.

    Each text is sampled at its head, middle and tail. The windows vote with their letters; where the fast
    tier is unsure of a window, langdetect reads it too, and the two must agree or one of them be plainly the
    surer.
    """
    options = options or Options()
    plans = [_plan(text, options) for text in texts]
    flat = [window for plan in plans for window, _ in plan]
    answers = iter(_rank(flat))
    return [_decide([(window, weight, next(answers)) for window, weight in plan], options) for plan in plans]


def _plan(text: str, options: Options) -> list[tuple[str, int]]:
    """The windows of a text that hold letters, each with its weight: letters, dense scripts counted fourfold."""
    found = []
    for window in windows(text, options.language_windows, options.language_window):
        if "://" in window or "@" in window or "#" in window or "www." in window:
            window = _NOISE.sub(" ", window)
        # Of ASCII, bytes that are not deleted; of the rest, which is little in most texts, character by character.
        data = window.encode("utf-8", "surrogatepass")
        weight = len(data.translate(None, _NO_LETTERS))
        if len(data) > len(window):
            beyond = data.translate(None, _ASCII).decode("utf-8", "surrogatepass")
            weight += sum(map(str.isalpha, beyond))
            weight += 3 * len(_DENSE.findall(beyond)) if weight and max(beyond) >= "\u3040" else 0
        if weight:
            found.append((window, weight))
    return found


def _decide(votes: list[tuple[str, int, tuple[str, float, str]]], options: Options) -> Guess:
    total = sum(weight for _, weight, _ in votes)
    if total < options.language_letters:
        return Guess(None, 0.0, (), "short")
    tally: dict[str, float] = {}
    certain: dict[str, float] = {}
    method = "fast"
    for window, weight, (code, confidence, second) in votes:
        if confidence < options.language_sure or code == "zxx":
            code, confidence = _arbitrate(window, code, confidence, second)
            method = "arbiter"
        tally[code] = tally.get(code, 0.0) + weight
        certain[code] = certain.get(code, 0.0) + weight * confidence
    ranked = sorted(tally, key=lambda code: (-tally[code], code))
    shares = tuple((code, round(tally[code] / total, 3)) for code in ranked)
    best = ranked[0]
    share = tally[best] / total
    confidence = round(certain[best] / total, 3)
    if best == "zxx":
        return Guess(None, 0.0, shares, "no language")
    if share < options.language_share:
        return Guess(None, confidence, shares, "mixed")
    if confidence < options.language_least:
        return Guess(None, confidence, shares, "unsure")
    return Guess(best, confidence, shares, method)


def _arbitrate(window: str, code: str, confidence: float, second: str) -> tuple[str, float]:
    """The language of a window the fast tier is unsure of, after langdetect has read it."""
    arbiter, known = _langdetect()
    # Where langdetect has a profile of one side only (it knows Croatian and not Bosnian, Indonesian and not
    # Malay) it always names that side, so it is asked only when the fast tier is tossing a coin.
    if code not in known and (second not in known or confidence >= _COIN):
        return code, confidence
    other, trust = arbiter(window)
    if other == code:
        return code, max(confidence, trust)
    if other == second:
        return other, max(confidence, trust * (1.0 - confidence))
    # An answer that the fast tier ranks third or lower: for a language without a profile langdetect names the
    # nearest one it has (Tsonga becomes Swahili), so it does not count against a language it cannot know.
    return (other, trust * 0.5) if other and code in known else (code, confidence)


def _rank(texts: list[str]) -> list[tuple[str, float, str]]:
    """Best language, its probability and the second best for each text, by the model of py3langid."""
    if not texts:
        return []
    model = _model()
    blobs = [_encode(text) for text in texts]
    found: list[tuple[str, float, str]] = []
    for at in range(0, len(blobs), _SIDE_BY_SIDE):
        found += model.rank(blobs[at : at + _SIDE_BY_SIDE])
    return found


def _encode(text: str) -> bytes:
    if text.isupper():
        text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.replace("\x00", " ").encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    moves: NDArray[np.uint32]  # next state, by row offset + byte
    rows: NDArray[np.int64]  # row offset of each state
    outputs: NDArray[np.int32]  # feature seen on entering each state, or -1
    weights: NDArray[np.float32]  # log-likelihood, feature x language
    priors: NDArray[np.float32]
    codes: tuple[str, ...]  # code of each group of columns
    groups: NDArray[np.int64]  # index into `codes` of each column
    depth: int  # how far back the automaton remembers, in bytes

    def rank(self, blobs: list[bytes]) -> list[tuple[str, float, str]]:
        # A zero byte between the texts sends every state back to the root.
        data = np.frombuffer(b"\x00".join(blobs) + b"\x00", dtype=np.uint8)
        features = self.outputs[self._walk(data)]
        seen = np.flatnonzero(features >= 0)
        # Four bytes hold a text's number and a feature's, and are sorted in half the time of eight.
        every, size = np.arange(len(blobs), dtype=np.int32), np.int32(len(self.weights))
        owner = np.repeat(every, np.fromiter((len(blob) + 1 for blob in blobs), dtype=np.int64, count=len(blobs)))
        keys, counts = np.unique(owner[seen] * size + features[seen], return_counts=True)
        docs = keys // size
        bounds = np.searchsorted(docs, np.arange(len(blobs) + 1, dtype=np.int32)).tolist()
        features = keys - docs * size
        tallies = np.log1p(counts.astype(np.float32))
        # Text by text, in one place: a few hundred features by a hundred languages stay in the cache.
        space = np.empty((max(map(operator.sub, bounds[1:], bounds)), len(self.priors)), dtype=np.float32)

        def scores(chosen: Sequence[int], weigh: Callable[[F32, F32], F32]) -> F32:
            found = np.zeros((len(chosen), len(self.priors)), dtype=np.float32)
            for row, doc in enumerate(chosen):
                first, last = bounds[doc], bounds[doc + 1]
                if first < last:
                    rows = space[: last - first]
                    self.weights.take(features[first:last], 0, rows, "clip")
                    found[row] = weigh(tallies[first:last], rows) + self.priors
            return found

        found = self._ranked(blobs, scores(range(len(blobs)), _at_once))
        # That is right to a thousandth or so. Where it might matter, the sums are made in the order of py3langid.
        unsure = [at for at in range(len(blobs)) if found[at][1] < _PLAIN or found[at][0] == "zxx"]
        exact = self._ranked([blobs[at] for at in unsure], scores(unsure, _in_order)) if unsure else []
        for at, answer in zip(unsure, exact, strict=True):
            found[at] = answer
        return [(code, round(chance, 3), second) for code, chance, second in found]

    def _ranked(self, blobs: list[bytes], scores: F32) -> list[tuple[str, float, str]]:
        """The best language of each text, its chance and the second best."""
        # The temperature of py3langid: the square root of the length in bytes keeps confidences comparable.
        lengths = np.maximum(np.fromiter(map(len, blobs), dtype=np.float32, count=len(blobs)), 1.0)
        scores /= np.sqrt(lengths)[:, None]
        odds = np.exp(scores - scores.max(axis=1, keepdims=True)).astype(np.float64)
        odds /= odds.sum(axis=1, keepdims=True)
        grouped = np.zeros((len(blobs), len(self.codes)))
        np.add.at(grouped.T, self.groups, odds.T)
        best = grouped.argmax(axis=1)
        every = np.arange(len(blobs))
        sure = grouped[every, best].tolist()
        grouped[every, best] = -1.0
        return [
            (self.codes[first], chance, self.codes[second])
            for first, chance, second in zip(best.tolist(), sure, grouped.argmax(axis=1).tolist(), strict=True)
        ]

    def _walk(self, data: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """The state after each byte: many stretches side by side, each begun `depth` bytes early, where the
        automaton has forgotten what was before."""
        count = -(-len(data) // _STRETCH)
        pad = np.zeros(self.depth + count * _STRETCH, dtype=np.uint8)
        pad[self.depth : self.depth + len(data)] = data
        lanes = np.lib.stride_tricks.sliding_window_view(pad, self.depth + _STRETCH)[::_STRETCH]
        steps = np.ascontiguousarray(lanes.T)
        states = np.zeros(count, dtype=np.uint32)
        found = np.empty((_STRETCH, count), dtype=np.uint32)
        for step, column in enumerate(steps):
            states = self.moves[self.rows[states] + column]
            if step >= self.depth:
                found[step - self.depth] = states
        return np.ascontiguousarray(found.T).reshape(-1)[: len(data)]


def _at_once(tallies: F32, rows: F32) -> F32:
    return tallies @ rows


def _in_order(tallies: F32, rows: F32) -> F32:
    rows *= tallies[:, None]
    summed: F32 = np.add.reduce(rows, axis=0)
    return summed


@lru_cache(maxsize=1)
def _model() -> _Model:
    said = read_tables()
    names = [_CODES.get(code, code) for code in said["classes"].tolist()]
    codes = tuple(sorted(set(names)))
    index = {code: at for at, code in enumerate(codes)}
    return _Model(
        said["moves"],
        said["rows"],
        said["outputs"],
        said["weights"],
        said["priors"],
        codes,
        np.asarray([index[name] for name in names], dtype=np.int64),
        int(said["depth"]),
    )


def _weighed(detector: Any, grams: Sequence[str]) -> list[float]:
    """What `detector._detect_block` of langdetect 1.0.9 finds, to the twelfth digit, all languages at a time.

    One window takes some 1,000 draws of an n-gram, each of which multiplies 55 numbers: 30 ms in plain Python. The seed
    is the same for each window, so what is drawn is read from one list of random words.
    """
    place = {gram: at for at, gram in enumerate(sorted(set(grams)))}
    profiles = detector.word_lang_prob_map.of(list(place))
    every = np.array([place[gram] for gram in grams])
    words = _random_words(detector.seed)
    spots, rows = _draws(words[:_FEW_WORDS], every)
    at = 0  # words that are used up
    gauss: list[float] = []  # of each two values one is kept for the next trial
    found = np.zeros(len(detector.langlist))
    for _ in range(detector.n_trial):
        if not gauss:
            gauss, at = _gauss(words[at : at + 4].tolist()), at + 4
        weight = (detector.alpha + gauss.pop() * detector.ALPHA_WIDTH) / detector.BASE_FREQ
        first = int(np.searchsorted(spots, at))
        if len(spots) - first <= detector.ITERATION_LIMIT + _STEPS * _DRAWS:
            spots, rows = _draws(words, every)
        chances, count = _drawn(detector, weight, profiles, rows[first:])
        found += chances / detector.n_trial
        at = int(spots[first + count - 1]) + 1
    result: list[float] = found.tolist()
    return result


def _draws(words: NDArray[np.uint32], every: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What `random.choice` draws by some random words, and by which of them: where one is too large, it takes another."""
    drawn = words >> np.uint32(32 - len(every).bit_length())
    spots = np.flatnonzero(drawn < len(every))
    return spots, every[drawn[spots]]


def _drawn(
    detector: Any, weight: float, profiles: NDArray[np.float64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], int]:
    """The chances of the languages after one trial, and how many draws it took; it looks at them after 1, 6, 11, …

    langdetect divides by their sum at each look. Products that are not divided have the same shares up to the last bits, and
    many looks are made at once.
    """
    languages = profiles.shape[1]
    steps = np.empty((1 + _STEPS, languages))
    steps[0] = (weight + profiles[rows[0]]) / languages
    count = 1
    while True:
        factors = profiles[rows[count : count + _STEPS * _DRAWS]]
        factors += weight
        factors *= _LARGER
        np.multiply.reduce(factors.reshape(_STEPS, _DRAWS, languages), axis=1, out=steps[1:])
        np.multiply.accumulate(steps, axis=0, out=steps)
        looks = np.ascontiguousarray(steps[:-1].T)  # languages by looks: so they are added in order
        totals = np.add.reduce(looks, axis=0)
        done = looks.max(axis=0) / totals > detector.CONV_THRESHOLD
        done |= np.arange(count, count + _STEPS * _DRAWS, _DRAWS) > detector.ITERATION_LIMIT
        if done.any():
            look = int(done.argmax())
            return looks[:, look] / totals[look], count + look * _DRAWS
        steps[0] = steps[-1] * 0.5 ** math.frexp(steps[-1].max())[1]
        count += _STEPS * _DRAWS


def _gauss(words: Sequence[int]) -> list[float]:
    """What `random.gauss` makes of four random words, the first value last."""
    one, other = (((high >> 5) * 67108864 + (low >> 6)) / 9007199254740992 for high, low in (words[:2], words[2:]))
    radius = math.sqrt(-2.0 * math.log(1.0 - other))
    return [math.sin(one * math.tau) * radius, math.cos(one * math.tau) * radius]


@lru_cache(maxsize=1)
def _random_words(seed: int) -> NDArray[np.uint32]:
    """The random words of 32 bits that follow a seed, more than seven trials take: 1,001 draws, every second one taken."""
    return np.frombuffer(random.Random(seed).randbytes(4 << 15), dtype="<u4").astype(np.uint32)  # noqa: S311 - no secret


def _grams(detector: Any) -> list[str]:
    """What `detector._extract_ngrams` of langdetect 1.0.9 finds, in its order."""
    known = detector.word_lang_prob_map
    text = _SPACES.sub(" ", " " + "".join(map(_normal, detector.text)))
    ones = ["" if char == " " else char for char in text[1:]]
    twos = list(map(operator.add, text, text[1:]))
    threes = ["", *("" if two[1] == " " else two + char for two, char in zip(twos, text[2:], strict=False))]
    capital = list(map(str.isupper, text))
    small = [not (last and this) for last, this in pairwise(capital)]  # a word in capitals says nothing
    grams = chain.from_iterable(compress(zip(ones, twos, threes, strict=False), small))
    return [gram for gram in grams if gram and gram in known]


@lru_cache(maxsize=1 << 16)
def _normal(char: str) -> str:
    """A character as langdetect sees it."""
    from langdetect.utils.ngram import NGram

    seen: str = NGram.normalize(char)
    return seen


@lru_cache(maxsize=1)
def _langdetect() -> tuple[Callable[[str], tuple[str, float]], frozenset[str]]:
    """The arbiter (text -> code and probability) and the languages it has profiles of."""
    from langdetect.detector_factory import DetectorFactory

    factory = DetectorFactory()
    factory.word_lang_prob_map = read_profiles()
    factory.langlist = factory.word_lang_prob_map.languages
    factory.seed = _SEED

    def read(text: str) -> tuple[str, float]:
        detector = factory.create()
        detector.append(text)
        detector.cleaning_text()
        grams = _grams(detector)
        if not grams:  # no letters it has a profile for
            return "", 0.0
        detector.langprob = _weighed(detector, grams)
        ranked = detector.get_probabilities()
        sums: dict[str, float] = {}
        for entry in ranked:
            code = _CODES.get(entry.lang, entry.lang)
            sums[code] = sums.get(code, 0.0) + entry.prob
        best = max(sorted(sums), key=lambda code: round(sums[code], 3), default="")
        return best, round(sums.get(best, 0.0), 3)

    return read, frozenset(_CODES.get(code, code) for code in factory.langlist)
