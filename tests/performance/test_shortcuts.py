"""What is done fast gives what would be had slowly. No test here looks at a clock."""

from __future__ import annotations

import random
import re
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.metadata import language, names, rights
from corpuskit.metadata.lexicon import alternatives
from corpuskit.metadata.options import Options

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
    """All languages at a time or one after the other: the probabilities are equal to the last bit."""
    from pathlib import Path

    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory = DetectorFactory()
    profiles = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.name in ("de", "en", "fr", "ja"))
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    factory.seed = 0
    theirs, ours = factory.create(), factory.create()
    theirs.append(text)
    theirs._detect_block()
    ours.append(text)
    ours.cleaning_text()
    assert theirs.langprob == language._weighed(ours, language._grams(ours))


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
