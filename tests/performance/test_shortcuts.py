"""What is done fast gives what would be had slowly. No test here looks at a clock."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest

from corpuskit.metadata import language, names, rights

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
    assert theirs.langprob == language._weighed(ours, ours._extract_ngrams())


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
