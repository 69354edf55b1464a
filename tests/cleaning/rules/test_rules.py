"""The engine, the loader and the proofs of the built-in rules."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.cleaning.rules import engine, examples, loader
from corpuskit.cleaning.rules.engine import Matcher, folded, trimmed
from corpuskit.cleaning.rules.pattern import needs
from corpuskit.cleaning.rules.rule import Rule, RuleSet
from corpuskit.errors import RuleError

GOOD = """
[[rule]]
id = "promo.en.plea"
any_of = ['''please donate{{dots}}?''']
why = "Asks for money."
removes = ["⟦Please donate…\\n⟧It rained."]
keeps = ["Please donate blood, he said.", "Please."]
"""


def rules(text: str = GOOD, family: str = "promo", language: str = "en") -> list[Rule]:
    """The rules of one TOML text."""
    return loader.parse(text, "x.toml", family, language)


@pytest.fixture(scope="module")
def builtin() -> RuleSet:
    """The rules of the package."""
    return loader.load()


@pytest.fixture(scope="module")
def matcher(builtin: RuleSet) -> Matcher:
    """All of them, ready to match."""
    return Matcher(builtin)


def test_examples(builtin: RuleSet) -> None:
    """Every rule removes what it says, keeps what it says, and each of its patterns is reached by an example."""
    assert [] == examples.check(builtin.rules)


def test_snapshot() -> None:
    """The stored form of the rules is what the TOML files say (else: python -m corpuskit.cleaning.rules --update)."""
    stored = Path(loader.__file__).parent / "data" / "rules.json"
    assert loader.snapshot() == stored.read_text(encoding="utf-8")


def test_snapshot_is_the_rules(builtin: RuleSet) -> None:
    """Rules read from the stored form equal rules read from TOML, down to the digest."""
    texts = loader.read_builtin()
    parsed = [
        rule
        for name, text in texts.items()
        for rule in loader.parse(text, name, name.split("/")[0], name.split("/")[1].removesuffix(".toml"))
    ]
    assert RuleSet(tuple(sorted(parsed, key=lambda rule: rule.id))).digest == builtin.digest


LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it",
    "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
CORE = ("ad-marker", "byline", "bio", "caption", "comment", "dateline", "nav", "promo", "related", "share")


@pytest.mark.parametrize("language", LANGUAGES)
def test_coverage(builtin: RuleSet, language: str) -> None:
    """Every language has rules in every family that phrases can catch."""
    assert set() == set(CORE) - {rule.family for rule in builtin.rules if rule.language == language}


def test_patterns_may_be_typeset() -> None:
    """A pattern with typographic quotes and dashes matches the lines that have them, and those that have not."""
    matcher = Matcher(RuleSet(tuple(rules(GOOD.replace("please donate", "don’t – “give”")))))
    assert [0, 1] == [hit.line for hit in matcher.lines(["Don't - \"give\"", "Don’t — „give“"])]


def test_a_colon_may_stand_off() -> None:
    """A colon or question mark in a pattern may have a blank before it, and a blank stands for several."""
    matcher = Matcher(RuleSet(tuple(rules(GOOD.replace("please donate", "lire aussi: la suite[:]")))))
    assert [0, 1] == [hit.line for hit in matcher.lines(["Lire aussi : la  suite :", "Lire aussi: la suite:"])]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("why =", "wy ="), "unknown key 'wy' (did you mean 'why'?)"),
        (('why = "Asks for money."\n', ""), "has no 'why'"),
        (("promo.en.plea", "promo.de.plea"), "the id must be promo.en.<slug>"),
        (("⟦Please donate…\\n⟧", "Please donate"), "must mark what goes"),
        ((', "Please."]', "]"), "at least two texts in 'keeps'"),
        (("please donate", r"\bplease"), "knows ASCII only"),
        (("please donate", "(?i)please"), "flags inside a pattern"),
        (("please donate", "(?=please)"), "no look-ahead"),
        (("please donate", "(?<!do )please"), "no look-ahead"),
        (("please donate", "(?:please)?"), "matches the empty string"),
        (("please donate", "(please"), "RE2 refuses"),
        (("{{dots}}", "{{dotz}}"), "unknown fragment {{dotz}}"),
        (("why =", 'scope = "context"\nwhy ='), "belong together"),
        (("why =", 'zone = "middle"\nwhy ='), "'zone' must be one of any, head, tail, edge"),
        (("why =", "max_chars = 0\nwhy ="), "'max_chars' must be"),
        (("why =", "confidence = 2\nwhy ="), "'confidence' must be"),
        (("why =", 'prose = "yes"\nwhy ='), "'prose' must be true or false"),
        (("why =", 'extract = { author = "name" }\nwhy ='), "which no pattern has"),
        (("[[rule]]", "[rool]"), "unknown table 'rool'"),
        (("why =", "why = ="), "not TOML"),
    ],
)
def test_loader_refuses(change: tuple[str, str], said: str) -> None:
    """What a rule may not be is refused with the file, the rule and the reason."""
    with pytest.raises(RuleError) as caught:
        rules(GOOD.replace(*change))
    assert str(caught.value).startswith("x.toml: ")
    assert said in str(caught.value)


def test_loader_refuses_twice(tmp_path: Path) -> None:
    """An id or a pattern that comes twice is refused, across files too."""
    with pytest.raises(RuleError, match="already in"):
        rules(GOOD + GOOD)
    with pytest.raises(RuleError, match=r"already a pattern of promo\.en\.plea"):
        rules(GOOD + GOOD.replace("en.plea", "en.other"))
    file = tmp_path / "promo" / "en.toml"
    file.parent.mkdir()
    file.write_text(GOOD + GOOD, encoding="utf-8")
    with pytest.raises(RuleError, match="the id is already in"):
        loader.load([tmp_path])


def test_loader_reads_a_users_folder(tmp_path: Path, builtin: RuleSet) -> None:
    """A user's folder adds its rules to the built-in ones, and a wrong place is named."""
    file = tmp_path / "promo" / "en.toml"
    file.parent.mkdir()
    file.write_text(GOOD, encoding="utf-8")
    more = loader.load([tmp_path])
    assert len(builtin) + 1 == len(more)
    assert "promo.en.plea" in more.by_id
    assert builtin.digest != more.digest
    with pytest.raises(RuleError, match="the folder must be a family"):
        rules(GOOD, family="promos")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RuleError, match="no rule files"):
        loader.load([tmp_path / "empty"])


def test_examples_say_what_is_wrong() -> None:
    """A rule that removes a text it says it keeps, or has a pattern that no example reaches, is reported."""
    wrong = rules(GOOD.replace('"Please."]', '"Please donate"]').replace("''']", "''', '''help us''']"))
    assert [
        "promo.en.plea: 'Please donate': removes ['Please donate']",
        "promo.en.plea: no example reaches 'help us'",
    ] == examples.check(wrong)


def test_marks() -> None:
    """Marked texts become texts and spans."""
    rule = rules(GOOD.replace("It rained.", "It ⟦Please donate⟧."))[0]
    assert ("Please donate…\nIt Please donate.", ((0, 15), (18, 31))) == (
        examples.examples(rule)[0].text,
        examples.examples(rule)[0].spans,
    )


def test_lines_match_as_a_whole() -> None:
    """Decoration and typographic variants around and inside a line do not hide it; other words do."""
    matcher = Matcher(RuleSet(tuple(rules())))
    hit = ["PLEASE DONATE", "• Please  donate |", "[Please\u00a0donate]", "** please donate... **\n"]
    hit.append("\u200bPlease donate…")
    miss = ["Please donate blood", "He said: please donate", "", "   ", "(please) donate)"]
    assert list(range(len(hit))) == [found.line for found in matcher.lines(hit)]
    assert [] == matcher.lines(miss)


def test_line_hit_covers_the_line() -> None:
    """The span of a hit is the line without its break; extracted fields are places in the line as given."""
    byline = GOOD.replace("please donate{{dots}}?", "gift of (?P<who>{{names}})").replace(
        "why =", 'extract = { author = "who" }\nwhy ='
    )
    matcher = Matcher(RuleSet(tuple(rules(byline))))
    line = "  – (Gift of José Ñúñez and O’Neill  Lee)\n"
    (hit,) = matcher.lines([line])
    assert (0, len(line) - 1) == (hit.start, hit.end)
    assert [("author", "José Ñúñez and O’Neill  Lee")] == [(f, line[a:b]) for f, a, b in hit.fields]


def test_spans_cut_a_part() -> None:
    """A span rule removes its group `cut`, at every place, and nothing longer than it allows."""
    text = GOOD.replace("please donate{{dots}}?", "[.] (?P<cut>read on[.])").replace(
        "why =", 'scope = "span"\nmax_chars = 8\nwhy ='
    )
    matcher = Matcher(RuleSet(tuple(rules(text))))
    line = "It rained. Read on. He ate. Read on.\n"
    assert ["Read on.", "Read on."] == [line[hit.start : hit.end] for hit in matcher.spans([line])]
    assert [] == matcher.spans(["It rained. Read    on.\n"])


@given(st.text())
def test_folding_keeps_length(text: str) -> None:
    """Folding changes no length and no letter case, and trimming stays inside the line."""
    line = text.replace("\n", " ")
    assert len(line) == len(folded(line))
    start, end = trimmed(folded(line))
    assert 0 <= start <= end <= len(line)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(alphabet="Photo: Anna Meer\n|(é–…。АpradµμιPR", max_size=40), max_size=6))
def test_set_agrees_with_single_patterns(matcher: Matcher, texts: list[str]) -> None:
    """The automata find exactly the rules that some pattern of theirs matches alone."""
    lines = [text.replace("\n", " ") for text in texts]
    slow = []
    for number, line in enumerate(lines):
        text = folded(line)
        start, end = trimmed(text)
        for index, rule in enumerate(matcher.rules.rules):
            fits = rule.scope != "span" and start < end and end - start <= rule.max_chars
            singles = [engine.compiled(pattern, rule.ignore_case) for pattern in rule.patterns]
            if fits and any(single.fullmatch(text[start:end]) for single in singles):
                slow.append((number, index))
    assert slow == [(hit.line, hit.rule) for hit in matcher.lines(lines)]


def test_patterns_of_other_scripts_match_no_latin_line(builtin: RuleSet) -> None:
    """No pattern that is only asked about lines with letters of other scripts matches a line of the examples without."""
    texts = {text.replace("⟦", "").replace("⟧", "") for rule in builtin.rules for text in (*rule.removes, *rule.keeps)}
    lines = {line[slice(*trimmed(line))] for text in texts for line in map(folded, text.split("\n"))}
    latin = sorted(line for line in lines if max(line, default="") < engine._OTHER_LETTERS)
    spared = [
        engine.compiled(pattern, rule.ignore_case)
        for rule in builtin.rules
        for pattern in rule.patterns
        if engine._is_of_another_script(needs(pattern, rule.ignore_case))
    ]
    assert len(spared) > 100
    assert [] == [(one.pattern, line) for one in spared for line in latin if one.fullmatch(line)]


@pytest.mark.parametrize(
    ("pattern", "spared"),
    [
        ("広告", True),
        ("реклама|объявление", True),
        ("広告|pr", False),
        ("(?:広告)?pr", False),
        ("{{names}} 기자", True),
        ("5 μ", False),  # case ignored, this is the micro sign, too
        ("straẞe", False),
        ("[а-я]+", False),  # too little is known of it
    ],
)
def test_a_pattern_is_of_another_script_when_all_its_matches_are(pattern: str, spared: bool) -> None:
    """What decides is the pattern itself, not the language of its rule."""
    (rule,) = rules(GOOD.replace("please donate{{dots}}?", pattern))
    assert spared == engine._is_of_another_script(needs(rule.patterns[0], rule.ignore_case))


def test_hostile_lines(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of a megabyte, whatever it holds, gets an answer from every automaton; none falls back to Python's `re`."""
    lines = ["by " * 350_000, "a" * 1_000_000, "Photo: (" * 125_000, "…" * 300_000, ". Click here to " * 60_000]
    with monkeypatch.context() as without:
        for name in ("match", "fullmatch", "search", "finditer", "compile"):
            without.setattr(re, name, None)
        assert [] == matcher.lines(lines)
        matcher.spans(lines)
        # a set that runs out of memory answers "nothing" without a word: behind a megabyte the end is still seen
        end = "It rained. Click here to read more."
        (short,), (long,) = matcher.spans([end]), matcher.spans(["The rain fell. " * 70_000 + end])
    assert (short.rule, short.end - short.start) == (long.rule, long.end - long.start)


def test_every_pattern_is_a_small_automaton(builtin: RuleSet) -> None:
    """Matching is linear in the line, and the factor is bounded: no pattern compiles to more instructions than this.

    RE2 itself refuses what is not linear; a counted repetition of a large class is what makes a program large.
    """
    sizes = {
        pattern: engine.compiled(pattern, rule.ignore_case).programsize
        for rule in builtin.rules
        for pattern in (*rule.patterns, *rule.value_patterns, *rule.heading_patterns)
    }
    assert {} == {pattern: size for pattern, size in sizes.items() if size > 40_000}


def test_loading_reads_the_stored_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is parsed from TOML as long as the stored form is that of the files as they are."""

    def parsed(text: str) -> None:
        raise AssertionError(f"parsed {text[:60]!r}")

    stored = json.loads((Path(loader.__file__).parent / "data" / "rules.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(tomllib, "loads", parsed)
    assert [row["id"] for row in stored["rules"]] == [rule.id for rule in loader.load().rules]


def test_no_rule_takes_the_near_misses_of_another(builtin: RuleSet) -> None:
    """A sentence that one rule must leave alone is honest prose for every rule, in whatever language it is written."""
    sentences = [
        (rule.id, kept)
        for rule in builtin.rules
        for kept in rule.keeps
        if "\n" not in kept and len(kept.split()) >= 3 and kept.endswith((".", "!", "?", "…", "。"))
    ]
    assert len(sentences) > 1500
    hits = Matcher(builtin).lines([kept for _, kept in sentences])
    taken = [(builtin[hit.rule].id, sentences[hit.line]) for hit in hits if builtin[hit.rule].scope == "line"]
    assert not taken
