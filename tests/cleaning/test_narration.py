"""What tells a story stays, whatever words it shares with the furniture of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.cleaning import clean_batch, narration
from corpuskit.cleaning.narration import is_sentence, opens_speech, tells

_PIECES = [
    "said", "Said", "сказал", "и", " ", ",", "? ", "“", "”", "—", "’", "rispose", "é", "е\u0301", "a_1", "說", "、と", "母が言",
    "d", "قال", ".",
]  # fmt: skip
_STORY = (
    "The ferryman kept his books in a biscuit tin, and nobody on either bank had ever seen him write in one of them, although "
    "each of us had been asked for the date, the weather and the number of our geese before he would cast off his rope."
)


@pytest.mark.parametrize(
    ("opening", "then"),
    [
        ("My mother wrote:", "The geese are well and so am I."), ("In the ledger it says:", "Two men, one goat, paid."),
        ("The ferryman said:", "“Mind the rope.”"), ("Mein Onkel schrieb:", "Das Boot ist verkauft."),
        ("Le passeur dit :", "« Attention à la corde. »"), ("Mi abuela dijo:", "Ya viene el barco."),
        ("Il parroco scrisse:", "La barca è di tutti."), ("O barqueiro disse:", "«Cuidado com a corda.»"),
        ("Mijn oom schreef:", "De boot is verkocht."), ("Far skrev:", "Båten är såld."), ("Isä kirjoitti:", "Vene on myyty."),
        ("Dziadek powiedział:", "Łódź jest sprzedana."), ("Babička napsala:", "Loď je pryč."),
        ("Дед сказал:", "Лодки больше нет."),
        ("Дід написав:", "Човна вже немає."), ("Babam yazdı:", "Kayık satıldı."), ("他说：", "船卖掉了。"),
        ("Ayah berkata:", "Perahu itu sudah dijual."),
    ],
)  # fmt: skip
def test_speech_that_a_line_opens_stays(opening: str, then: str) -> None:
    """A line that says who speaks is no header of a comment, and nothing below it is the end of the page."""
    above = ["The Tin", _STORY, _STORY.replace("books", "accounts"), "He never read to us."]
    text = "\n".join([*above, opening, then, "Then he rowed.", "We waved."])
    (cleaned,) = clean_batch([text])
    assert cleaned.text == text


def test_headers_of_comments_are_told_from_speech() -> None:
    """Handles that speak one after the other are readers; one alone is when a date stands beside it."""
    lines = ["Lena Fox says:", "Lovely piece.", "riverrat said:", "I knew that boat.", "He said:", "No more."]
    assert opens_speech(lines, range(6), [0, 2, 4]) == {4}
    assert opens_speech(["Lena Fox says:", "4 May 2019 at 11:20", "Lovely piece."], range(3), [0]) == set()
    assert opens_speech(["Lena Fox says:", "Lovely piece."], range(2), [0]) == {0}
    assert opens_speech(["Lena says:", "“Come in.”", "Otto says:", "“No.”"], range(4), [0, 2]) == {0, 2}
    assert opens_speech(["Lovely piece."], range(1), [0]) == set()


@pytest.mark.parametrize(
    "line",
    [
        "Don't have an account? the clerk asks her.", "“Sign up today,” said the sergeant.",
        "Vous avez un message ? dit-il, et il rit.",
        "Спасибо за ваш хлеб, сказал солдат.",
        "그는 유튜브에서 낚시 채널을 시작했다.", "最初の給料は八千円だった。", "加入我们吧，船上的人喊。",
    ],
)  # fmt: skip
def test_what_is_told(line: str) -> None:
    """Reported speech, and the plain forms of Korean and Japanese, tell."""
    assert tells(line)


@pytest.mark.parametrize(
    "line",
    [
        "Sign up today!", "구독해 주세요.", "무단 전재를 금합니다.", "会員登録が完了しました。", "ご登録ありがとうございました。",
        "Read more, subscribe now.",
    ],
)  # fmt: skip
def test_what_is_not_told(line: str) -> None:
    """Calls and notices speak to the reader."""
    assert not tells(line)


@given(st.lists(st.sampled_from(_PIECES), max_size=9).map("".join))
def test_what_re2_passes_over_reports_nothing(text: str) -> None:
    """The quick look passes over no text in which Python's pattern is found, nor at a line among others."""
    line = text.strip()
    signs = narration._may_speak()(f"Before.\n{line}\nBehind it".encode()) or ()
    assert narration._REPORTS in signs or not narration._REPORTED.search(line)
    assert narration._OPENING in signs or not narration._OPENS.match(line)


def test_sentences() -> None:
    """Four words and a stop, or eight characters where no blanks are."""
    assert is_sentence("Ez a süti nem sikerül mindig.")
    assert is_sentence("未经许可，他不敢离开村子。")
    assert is_sentence("هل كانت الصفحة بيضاء حقا؟")
    assert not is_sentence("Ez a süti")
    assert not is_sentence("Log in to continue reading")
    assert not is_sentence("好的。")


@pytest.mark.parametrize(
    ("quotation", "name"),
    [
        ("“Man is born free, and everywhere he is in chains.”", "Jean-Jacques Rousseau"),
        ("„Wer die Fähre kennt, braucht keine Brücke.“", "— Klara Beck, Brief an ihre Schwester"),
        ("« On ne traverse jamais deux fois le même fleuve. »", "Lucien de Prévert"),
    ],
)
def test_the_name_below_an_epigraph_stays(quotation: str, name: str) -> None:
    """Who said what stands above an essay is part of it; the same name below a title is a byline."""
    text = "\n".join(["The Tin", quotation, name, _STORY, _STORY.replace("books", "accounts")])
    (cleaned,) = clean_batch([text])
    assert name in cleaned.text.split("\n")
    assert narration.signs(name, quotation)
    assert not narration.signs(name, "The Tin")
    assert not narration.signs("He was born free, and died so.", quotation)
