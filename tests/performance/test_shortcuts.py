"""What is done fast gives what would be had slowly. No test here looks at a clock."""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.metadata import (
    candidates,
    headlines,
    hints,
    language,
    names,
    pii,
    repetition,
    rights,
    signals,
    title,
    urls,
)
from corpuskit.metadata.layout import Layout, layout, layouts
from corpuskit.metadata.lexicon import alternatives, lexicon
from corpuskit.metadata.options import Options
from corpuskit.metadata.profiles import Profiles, profiles_of
from corpuskit.model import Candidate
from corpuskit.words import scan

_TEXTS = (
    "The ferry left at dawn, and nobody on the quay had slept.",
    "Die Fähre legte im Morgengrauen ab, und niemand am Kai hatte geschlafen.",
    "Le bac est parti à l'aube, et personne sur le quai n'avait dormi.",
    "フェリーは夜明けに出発し、桟橋では誰も眠っていなかった。",
    "npm run build --silent && cp -r dist/* out/",
)


def test_the_automaton_is_in_the_same_states_side_by_side_as_byte_by_byte() -> None:
    """Walking many stretches at once gives the state that one walk over all bytes has after each byte."""
    model = language._model()
    data = np.frombuffer("\0".join(_TEXTS * 9).encode(), dtype=np.uint8)
    expected, state = [], 0
    for byte in data.tolist():
        state = int(model.moves[model.rows[state] + byte])
        expected.append(state)
    assert expected == model._walk(data).tolist()


@pytest.mark.parametrize("text", _TEXTS)
def test_the_arbiter_weighs_as_langdetect_does(text: str) -> None:
    """All languages and many looks at a time or one after the other: the same draws, and probabilities equal but for rounding."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory = DetectorFactory()
    profiles = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.name in ("de", "en", "fr", "ja"))
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    factory.seed = 0
    theirs, ours = factory.create(), factory.create()
    ours.word_lang_prob_map = Profiles(profiles_of(json.loads(path.read_bytes()) for path in profiles))
    assert ours.word_lang_prob_map.languages == theirs.langlist
    theirs.append(text)
    theirs._detect_block()
    ours.append(text)
    ours.cleaning_text()
    assert language._weighed(ours, language._grams(ours)) == pytest.approx(theirs.langprob, rel=1e-12, abs=1e-15)


@given(st.text(st.characters(max_codepoint=0x3100) | st.sampled_from("ABab  ñ"), max_size=40))
def test_stretches_of_characters_are_those_of_langdetect(text: str) -> None:
    """The arbiter reads the stretches that langdetect reads, in its order: it draws from them by their number."""
    from langdetect.detector import Detector
    from langdetect.detector_factory import DetectorFactory

    factory = DetectorFactory()
    factory.langlist = ["xx"]
    known = ("a", "b", "ab", "aba", " a", "b ", " ab", "ba", "ñ", "A", " A", "Ab")
    factory.word_lang_prob_map = {gram: [1.0] for gram in known}
    detector: Any = Detector(factory)
    detector.text = text
    assert detector._extract_ngrams() == language._grams(detector)


@given(st.lists(st.text("ab .-", min_size=1, max_size=4).filter(str.strip), max_size=6), st.text("ab .-", max_size=12))
def test_words_that_begin_alike_are_found_as_one_by_one(words: list[str], text: str) -> None:
    """A tree of words finds what the words side by side find, the longest first."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    plain = "|".join(re.escape(word).replace(r"\ ", r"\s{1,3}") for word in ordered)
    expected = [match.span() for match in re.finditer(f"(?:{plain})", text)]
    assert expected == [match.span() for match in re.finditer(f"(?:{alternatives(words)})", text)]


@given(st.text(max_size=60))
def test_letters_are_counted_as_one_by_one(text: str) -> None:
    """The weight of a window is its letters, those of dense scripts counted fourfold."""
    letters = sum(map(str.isalpha, text))
    weight = letters + (3 * len(language._DENSE.findall(text)) if letters else 0)
    plain = not any(sign in text for sign in ("://", "@", "#", "www."))
    found = language._plan(text, Options()) if plain else []
    assert not plain or [(text, weight)][: weight > 0] == found


def test_no_seam_between_two_words_is_passed_over() -> None:
    """Every small letter of Unicode before a capital, and every capital after one, is looked at."""
    every = [chr(point) for point in range(sys.maxunicode + 1)]
    small = [char for char in every if char.islower()]
    capital = [char for char in every if char.isupper()]
    missed = [char for char in small if not names._SEAM.search(char + "A")]
    missed += [char for char in capital if not names._SEAM.search("a" + char)]
    assert [] == missed


def test_a_reservation_is_found_by_its_phrase() -> None:
    """The quick look for phrases passes over none of the reservations that the patterns know."""
    stated = (
        "All Rights Reserved", "Alle Rechte vorbehalten", "Tous droits réservés", "Todos los derechos reservados",
        "Tutti i diritti riservati", "Todos os direitos reservados", "Alle rechten voorbehouden",
        "Wszelkie prawa zastrzeżone", "Все права защищены", "Всі права захищені", "Všechna práva vyhrazena",
        "版权所有", "版權所有", "無断転載", "무단전재", "무단 전재",
    )  # fmt: skip
    found = [bool(rights.rights(f"Harbour Notes, 2019. {one}. Printed in Leith.")) for one in stated]
    assert [True] * len(stated) == found


def test_a_guess_does_not_depend_on_the_texts_beside_it() -> None:
    """The language of a text is the same alone, first, last or between others of any length."""
    draw = random.Random(7)
    texts = [text * draw.randrange(1, 40) for text in _TEXTS for _ in range(8)]
    draw.shuffle(texts)
    assert [language.identify([text])[0] for text in texts] == language.identify(texts)


def test_sums_made_at_once_decide_what_sums_in_order_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast tier names the same language with the same chance as where it takes no short cut."""
    blobs = [language._encode(text[:size]) for text in _TEXTS for size in (1, 9, 20, 40, 80)]
    quick = [answer[:2] for answer in language._model().rank(blobs)]
    monkeypatch.setattr(language, "_PLAIN", 2.0)
    assert [answer[:2] for answer in language._model().rank(blobs)] == quick


@given(st.from_regex(urls._PLAIN, fullmatch=True, alphabet="ab-.~_/09Zhtps:"))
def test_a_plain_address_is_canonical_as_it_stands(url: str) -> None:
    """What need not be taken apart is what taking it apart gives; a fragment, which is dropped, has it taken apart."""
    assert urls.canonical(f"{url}#") == urls.canonical(url)


_SECONDS = ("Doe", "doe", "de", "De", "j.", "J.", "jr", "Jr.", "d’Arc", "d'arc", "al-Sa'id", "ul", "’t", "é", "É", "漢", "st.")


@given(st.sampled_from(_SECONDS), st.sampled_from(["", ",", "."]), st.sampled_from(["", " Doe", " van Doe"]))
def test_no_name_is_passed_over_for_its_second_word(word: str, mark: str, rest: str) -> None:
    """Whatever has the shape of a name has a second word that the quick look lets pass."""
    name = f"Jane {word}{mark}{rest}"
    assert names.second(f"{word}{mark}") or not names.is_name(name.strip(","), lexicon("en"))


_GOLD = Path(__file__).resolve().parents[1] / "gold" / "corpus.jsonl"


def _gold() -> Iterator[tuple[str, str | None]]:
    """The labelled documents, each with its language."""
    for row in map(json.loads, _GOLD.read_text(encoding="utf-8").splitlines()):
        yield "\n".join(row["lines"]), row["lang"]


def test_hints_pass_over_nothing_that_a_finder_finds() -> None:
    """The evidence of the labelled documents is the same where each finder looks at every line."""

    def evidence(pages: Iterable[Layout]) -> list[list[Candidate]]:
        read = [
            candidates.Read(text, page, (), (), None, own) for text, page, own in zip(texts, pages, words, strict=True)
        ]
        return candidates.collect(read, Options())

    texts, codes = zip(*_gold(), ("\n".join(_SAID), "en"), strict=True)
    words = list(map(lexicon, codes))
    quick = evidence(layouts(texts, words))
    assert evidence(map(layout, texts)) == quick
    assert {"author", "date_published", "image_credit", "title", "license"} <= {one.field for some in quick for one in some}


def test_a_line_has_the_same_hints_in_its_text_as_alone() -> None:
    """Looking over a whole text misses no line of which a look at that line tells something."""
    said = "\n".join(f"\u3000 {line}\t" for line in _SAID)
    for text, code in [*_gold(), (said, "en"), (said, "de"), (said.replace("\n", "\n\n \n"), None)]:
        words = lexicon(code)
        told = hints.hinter(words)([text])
        shared = words if code == "en" else lexicon(None)
        kinds = [hints._kind(shared, where) for where in ("start", "end", "anywhere", "digits")]
        alone = {}
        for number, line in enumerate(text.split("\n")):
            data = hints.encoded(line.strip())
            bits = sum({bit for _, which, of in kinds for bit in map(of.__getitem__, which(data))}) if data else 0
            if bits:
                alone[number] = bits
        assert alone == {number: bits for number, bits in told.items() if bits}


def test_lines_have_the_same_hints_among_other_texts_as_alone() -> None:
    """A layout does not depend on the texts beside it, whatever words they are read with."""
    texts, codes = zip(*_gold(), ("", "en"), ("\n", "de"), ("\n".join(_SAID), "en"), (" \n\n", None), strict=True)
    words = list(map(lexicon, codes))
    assert layouts(texts, words) == [layout(text, own) for text, own in zip(texts, words, strict=True)]


_SAID = (
    "The lamps of Quay Street",
    "An essay by Inés Abbott",
    "Posted on 3 May 2024 by inkpot | 2 comments",
    "Nobody had lit the lamps of Quay Street since the flood, and nobody had asked why, until a letter said they were dry.",
    f"The letter said what had been known {'for years ' * 20}to all.",
    "The harbour at dawn. Photo: Jonas Grant/Reuters",
    "Celia Castro is a writer and editor who lives in Leith and teaches at the harbour school.",
    "Hi, my name is Bruno Huber, and I write about lamps.",
    "Love, Greta",
    "(dpa)",
    "© 2019 Hugo Farkas. All rights reserved.",
    "This text is licensed under CC BY 4.0 and may not be used to train an AI.",
)


#: The characters of the first two planes, where all letters are that have capitals.
_EVERY = "".join(chr(point) for point in range(0x20000) if not 0xD800 <= point < 0xE000)


@pytest.mark.parametrize("code", ["en", "tr", "de", "ru"])
def test_a_letter_in_any_case_is_hinted_at(code: str) -> None:
    """What Python takes for a letter where case does not count is found by the loosened pattern."""
    letters = sorted({char for word in lexicon(code).credit | lexicon(code).by for char in word if char.isalpha()})
    missed = []
    for letter in letters:
        alike = re.compile(letter, re.IGNORECASE)
        held = hints.look(f"(?i:{hints.loosened(letter)})")
        missed += [char for char in alike.findall(_EVERY) if not held(char)]
    assert [] == missed


@pytest.mark.parametrize("sign", [r"\s", r"\d", r"\w", r"\S", r"[^\W\d_]", r"[^\s.]", r"[\d.]"])
def test_a_loosened_class_holds_what_python_holds(sign: str) -> None:
    """Every character that is of a class for Python is of the loosened one."""
    held = hints.look(hints.loosened(sign))
    assert [] == [char for char in re.findall(sign, _EVERY) if not held(char)]


@given(
    st.sampled_from(
        [r"(?<=a)b{2,5}(?![^\W\d_](?:x|y))|\bc", r"^\s{1,3}a|b(?P<n>c)?$", r"(?P<q>[ab])-(?P=q){3}", r"[^\w(]{0,4}a+?"]
    ),
    st.text("abcxy -(.", max_size=12),
)
def test_a_loosened_pattern_is_found_where_the_pattern_is(pattern: str, text: str) -> None:
    """Looking around, repeating and naming groups: what Python finds is never passed over."""
    if re.search(pattern, text):
        assert hints.look(hints.loosened(pattern))(text)


@given(st.text(st.sampled_from(".!?…\"'”)] a\n。！।"), max_size=30), st.text(st.sampled_from(".)。 a"), max_size=5))
def test_sentences_are_counted_as_by_a_pattern(text: str, other: str) -> None:
    """Ends of sentences, counted for a batch, are those that a pattern finds text by text."""
    pattern = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+|[।॥]")
    texts = [text, other, text]
    expected = [len(pattern.findall(one)) for one in texts]
    assert expected == signals._sentences(scan(texts), len(texts)).tolist()


@given(st.lists(st.text("ab12٣é _", max_size=6), max_size=6))
def test_words_with_letters_are_told_from_numbers(texts: list[str]) -> None:
    """A word is of letters unless all its characters are ASCII digits."""
    batch = scan(texts)
    words = ["".join(map(chr, batch.points[start:end])) for start, end in zip(batch.starts, batch.ends, strict=True)]
    expected = [not (word.isascii() and word.isdigit()) for word in words]
    assert expected == signals._alphabetic(batch).tolist()


@given(
    st.frozensets(st.sampled_from(["abcd", "abcde", "12", "12345", "éabc", "漢字", "漢字かなも"]), max_size=4),
    st.lists(st.sampled_from(["abcd", "abcde", "12", "345", "é", "漢字", "かなも", "_", " ", "\n", "x"]), max_size=20),
)
def test_stems_are_found_as_by_reading_all_words(stems: frozenset[str], parts: list[str]) -> None:
    """Searching for the stems finds the words that begin with them, and no others, as far as it matters where they stand."""

    def told(places: list[int]) -> tuple[list[int], bool]:
        return places[:2], len({text.count("\n", 0, at) for at in places}) >= 3

    text = "".join(parts)
    ends = [at + 1 for at, char in enumerate(text + "\n") if char == "\n"]
    read = [(match.group()[:5], match.start()) for match in headlines._TOKEN.finditer(text)]
    found = headlines._spots(text, stems, ends)
    for stem in stems:
        assert told([at for stood, at in read if stood == stem]) == told(found.get(stem, []))


_PERSONAL = (
    "mara@harbour.example", "DE89 3704 0044 0532 0130 00", "10.20.30.40", "2001:db8::8a2e:370:7334", "+49 30 1234567",
    "(020) 555-0182", "Tel. 030 1234567", "Phone: 0301234567", "std::move", "1.2.3", "at 10:20:30", "the", "٣٤٥١٢٣٤٥",
)  # fmt: skip


@given(st.lists(st.sampled_from(_PERSONAL), min_size=1, max_size=4).map(" ".join))
def test_no_personal_data_is_passed_over(text: str) -> None:
    """The quick look leaves out no pattern that finds something."""
    finders = [*(pattern for _, pattern, _ in pii._FINDERS), pii._LABELLED]
    assert all(may or not pattern.search(text) for pattern, may in zip(finders, pii._likely(text), strict=True))


@given(st.lists(st.sampled_from([*"abc", "the", "and", "harbour", "12"]), min_size=1, max_size=60))
def test_stop_words_are_those_of_the_language(said: list[str]) -> None:
    """Each word is looked up in one place; what stands there is the word or another one."""
    text, codes = " ".join(said), ("en", "de", None)
    batch = scan([text] * len(codes))
    expected = [sum(word in lexicon(code).stop for word in said) if code else 0 for code in codes]
    words = np.bincount(batch.docs, minlength=len(codes))
    assert expected == signals._stop_words(batch, codes, words).tolist()


def test_trees_are_asked_together_as_one_by_one() -> None:
    """The score of a line is the sum of the leaves that its answers lead to, tree by tree."""
    trees = title._trees()
    draw = np.random.default_rng(5)
    rows = draw.integers(-2, 12, (7, len(headlines.SIGNS))).astype(np.float32) / np.float32(3)
    depth, count = trees.borders.shape
    leaves = trees.leaves.reshape(count, 1 << depth)
    expected = []
    for row in rows:
        answers = [[bool(row[trees.columns[k, t]] > trees.borders[k, t]) for k in range(depth)] for t in range(count)]
        expected.append(float(sum(leaves[t, sum(yes << k for k, yes in enumerate(answers[t]))] for t in range(count))))
    assert trees.scores(rows).tolist() == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.sampled_from("ab"), max_size=40), st.lists(st.sampled_from("abc"), max_size=30))
def test_repeated_passages_are_counted_as_by_hand(one: list[str], other: list[str]) -> None:
    """Words that stand in a passage that comes again count once; of the most frequent short ones the longest does."""
    batch = scan([" ".join(one), " ".join(other)])
    shares = repetition.gram_shares(batch, np.array([max(len(one), 1), max(len(other), 1)], dtype=np.float64))
    for at, said in enumerate((one, other)):
        for size in (*repetition.TOP, *repetition.DUPLICATE):
            grams = [tuple(said[start : start + size]) for start in range(len(said) - size + 1)]
            counts = Counter(grams)
            covered = {place for start, gram in enumerate(grams) if counts[gram] > 1 for place in range(start, start + size)}
            top = max((times for times in counts.values() if times > 1), default=0) * size
            told = len(covered) if size in repetition.DUPLICATE else top
            assert shares[size][at] == pytest.approx(min(told / max(len(said), 1), 1.0))
