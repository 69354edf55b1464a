"""Authors whom no byline in its usual place names: amid captions, in boxes, in brackets, behind a dash."""

from __future__ import annotations

import pytest

from corpuskit.metadata import enrich

PROSE = (
    "The river had risen in the night, and by the morning the lower road was gone, with the bridge and the little house "
    "that had stood beside it for a century. "
)
TITLE = "What the river took"
BODY = [PROSE * 2, PROSE * 3]
TEXT = [TITLE, *BODY]
LONG = BODY * 7
MORE = ["Why?", PROSE] * 9
JAPANESE = (
    "川の水は夜のあいだに増え、朝には下の道も古い橋も流されていた"
    "。町の人々は高台に集まり、水が引くのを静かに待ち続けている。"
)
CHINESE = "河水在夜里上涨，到了早晨，下面的道路和那座老桥都已经被冲走。镇上的人们聚集在高处，静静地等待着洪水慢慢退去。"
KOREAN = (
    "강물은 밤사이에 불어났고 아침이 되자 아래쪽 길과 오래된 다리가 떠내려갔"
    "다. 마을 사람들은 높은 곳에 모여 물이 빠지기를 조용히 기다리고 있다. "
)


def authors(*lines: str) -> list[str]:
    """Return the authors of a text of these lines."""
    text = "\n".join(lines)
    return [one.name for one in enrich(text, text).authors]


FOUND = {
    "a byline amid captions": ([*TEXT, "FILE - A bridge.", "By MARTA QUILL", "Share", *LONG], ["Marta Quill"]),
    "a byline with a job": ([*TEXT, "Written by Martin Quill, Senior Contributing Writer", *LONG], ["Martin Quill"]),
    "a box above questions": (
        [*TEXT, "Martin Quill",
         "Martin Quill is the head of flood research at Rivers Today and a keen writer.", "FAQs", *MORE],
        ["Martin Quill"],
    ),
    "a box with a short name": (
        [*TEXT, "Anna Q", "Copywriter", "Anna loves rivers, and has written about them for years.",
         *MORE],
        ["Anna Q"],
    ),
    "a link": ([*TEXT, "Read More By Martin Quill >", *MORE], ["Martin Quill"]),
    "a genitive link": ([*TEXT, "See all of Martin Quill's reviews", *MORE], ["Martin Quill"]),
    "someone to follow": ([*TEXT, "Follow Deputy Editor Martin Quill on Instagram at @quill."], ["Martin Quill"]),
    "names behind a dash": (
        [*TEXT, "—Martin Quill, Anna Ek, and Peter Moss"], ["Martin Quill", "Anna Ek", "Peter Moss"]),
    "a first line": (["Martin Quill is a reporter who writes about rivers and floods.", *BODY, PROSE], ["Martin Quill"]),
    "bars": (["What we know about the flood", "Julia Quill | Clara Ek", *BODY], ["Julia Quill", "Clara Ek"]),
    "footnotes": (
        ["The impact of floods on roads", "Md Nazul Hossan 1, Jaeun Le 1, Hongsok Choe 1,2", *BODY],
        ["Md Nazul Hossan", "Jaeun Le", "Hongsok Choe"],
    ),
    "degrees": (
        ["Flood training basics", "Ellen Quill, VMD, DACVB; Peter Moss, BA, LVT & Anna Ek, DVM", *BODY],
        ["Ellen Quill", "Peter Moss", "Anna Ek"],
    ),
    "a place between names": (
        ["What the river took from us", "Martin Quill, London, Ylwa Brekk", *BODY],
        ["Martin Quill", "Ylwa Brekk"],
    ),
    "an initial without a dot": ([TITLE, "By Martin A Quill", *BODY], ["Martin A Quill"]),
    "an employer behind the name": (
        [TITLE, "by Martin Quill Global Rivers May 2nd 2025", *BODY, "About the Author", "Martin Quill",
         "Martin Quill is a reporter with a passion for rivers."],
        ["Martin Quill"],
    ),
    "a Japanese report": (
        ["川の水", JAPANESE * 3, JAPANESE * 2 + "【東京・山田太郎、ロンドン鈴木花子】", "関連"],
        ["山田太郎", "鈴木花子"],
    ),
    "a Chinese report": (["河水上涨", CHINESE * 3, CHINESE * 2 + "（记者张三山、李四海）", "分享"], ["张三山", "李四海"]),
    "a Chinese dateline": (["河水上涨", "本社北京5月3日电（记者张三山）" + CHINESE * 3, CHINESE * 2], ["张三山"]),
    "a Korean report": (["강물", KOREAN * 3, KOREAN * 2, "홍길순 기자 hong@news.example"], ["홍길순"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_authors_are_found(name: str) -> None:
    """Each sign names the people who sign, in order, and nobody else."""
    lines, expected = FOUND[name]
    assert authors(*lines) == expected


NOBODY = {
    "books": ["What to read by the river", *LONG, "By Martin Quill", *BODY, "By Anna Ek", *LONG],
    "somebody spoken of": [
        *TEXT, f"Flood research has many heads. {PROSE} As Quill told us, it is rising again.", *BODY * 5,
        "Read more from Martin Quill", *MORE,
    ],
    "a life": [
        "Martin Quill is a politician who has led the party since March.", *BODY,
        PROSE + "Quill denied all of it on Monday.", PROSE,
    ],
    "a staff title": [TITLE, "By , Riverside staff reporter", *BODY],
    "a button": [TITLE, "By", "SHARE", *BODY],
    "omitted titles": ["川の水", JAPANESE * 3, JAPANESE * 2 + "（敬称略）", "関連"],
    "an agency": ["川の水", JAPANESE * 3, JAPANESE * 2 + "（共同）", "関連"],
    "a comment's regards": [*TEXT, "Lovely to read.", "Regards", "Anna", *LONG],
    "numbered items": ["The impact of floods on roads", "Old Bridge 1, Lower Road 2, Mill House 3", *BODY],
    "a subject": [*TEXT, "Read more about Martin Quill", *MORE],
    "places with bars": ["What the river took from us", "Berlin | London", *BODY],
}  # fmt: skip


@pytest.mark.parametrize("name", NOBODY)
def test_nobody_is_made_an_author(name: str) -> None:
    """What looks like these signs and names no author gives none."""
    assert authors(*NOBODY[name]) == []


def test_a_byline_in_its_place_needs_no_other_sign() -> None:
    """A link to another's texts does not add to the byline."""
    assert authors(TITLE, "By Anna Ek", *BODY, "Read more posts by Martin Quill") == ["Anna Ek"]
