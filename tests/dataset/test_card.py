"""The card: its YAML, its sections, and what a hostile corpus may try in it."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit import schemas
from corpuskit.dataset.card import card
from corpuskit.dataset.card_file import CardFile, Section, read_card_file
from corpuskit.dataset.fields import CONFIGS, FAMILIES, FIELDS, features
from corpuskit.dataset.front import _dumped, read_front
from corpuskit.dataset.markdown import cell, link, table
from corpuskit.dataset.options import Options
from corpuskit.dataset.registry import hub_license, size_category
from corpuskit.dataset.release import Funnel
from corpuskit.errors import ConfigError, LawError, VerifyError
from corpuskit.metadata.tags import is_language
from corpuskit.model import FAMILIES as EDIT_FAMILIES

from .making import cut, essay, make_release

HOSTILE = "Daily | <script>alert(1)</script> `x` --- [a](http://b.example) ![i](u) $\\alpha$ \u202eevil\x1b[31m\n# no"


def head(text: str) -> dict[str, Any]:
    """The YAML of a card."""
    found: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return found


def section(text: str, title: str) -> str:
    """The text of one section, empty when there is none."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return found.group(1).strip() if found else ""


def test_every_column_is_described() -> None:
    """The descriptions name exactly the columns of the published schemas, and every family of edits."""
    assert {name: schema.names for name, schema in schemas.PUBLISHED.items()} == {
        name: list(columns) for name, columns in FIELDS.items()
    }
    assert list(schemas.PUBLISHED) == list(CONFIGS)
    assert set(EDIT_FAMILIES) == set(FAMILIES)


@pytest.mark.parametrize("schema", list(schemas.PUBLISHED.values()))
def test_features_are_those_of_datasets(schema: Any) -> None:
    """The features in the card are what `datasets` itself would write, but made without importing it."""
    from datasets import Features

    assert Features.from_arrow_schema(schema)._to_yaml_list() == features(schema)


def test_both_writers_of_yaml_write_the_same() -> None:
    """The quick one writes what it is asked to write, features and numbers, as the other one does."""
    value = {
        "dataset_info": [
            {
                "config_name": "default",
                "features": [one for schema in schemas.PUBLISHED.values() for one in features(schema)],
                "splits": [{"name": name, "num_bytes": 0, "num_examples": 7} for name in ("train", "null", "1", "a.b_c", "no")],
                "download_size": 1 << 40,
            }
        ]
    }
    assert _dumped(value, quick=True) == _dumped(value)
    assert yaml.safe_load(_dumped(value, quick=True)) == value


def test_yaml_has_what_loading_needs(tmp_path: Path) -> None:
    """Each config states its version, its digest, globs that take Parquet only, and exact counts."""
    release = make_release(tmp_path, options=Options(version="2.1.0"))
    found = head(card(release))
    assert ["default", "removed", "sources"] == [config["config_name"] for config in found["configs"]]
    assert [True, None, None] == [config.get("default") for config in found["configs"]]
    for config, info, facts in zip(found["configs"], found["dataset_info"], release.configs, strict=True):
        assert "2.1.0" == config["version"]
        assert config["description"].endswith(f"build sha256:{facts.digest}")
        home = {"default": "data"}.get(facts.name, facts.name)
        assert [{"split": "train", "path": f"{home}/train-*.parquet"}] == config["data_files"]
        assert [{"name": "train", "num_bytes": facts.bytes, "num_examples": facts.rows}] == info["splits"]
    assert (["en"], "cc-by-4.0", ["n<1K"]) == (found["language"], found["license"], found["size_categories"])


def test_yaml_reads_back(tmp_path: Path) -> None:
    """What the card states is what is read from it."""
    release = make_release(tmp_path)
    front = read_front(card(release))
    assert [(config.name, config.digest, config.rows) for config in release.configs] == [
        (config.name, config.digest, sum(split.rows for split in config.splits)) for config in front.configs
    ]


@pytest.mark.parametrize(
    "text",
    ["", "# no YAML\n", "---\na: [\n---\n", "---\n- a\n---\n", "---\nconfigs: 3\n---\n", "---\nx: 1\n"],
)
def test_broken_yaml_is_one_error(text: str) -> None:
    """A card that somebody broke is reported, never a traceback."""
    with pytest.raises(VerifyError, match=r"README\.md: .*package the dataset again"):
        read_front(text)


def test_language_no_stays_a_language(tmp_path: Path) -> None:
    """Norwegian is no truth value, a region is cut off, and null and unknown codes are left out."""
    codes = ["no", "no", "zh-cn", None, "qqqq"]
    release = make_release(tmp_path, essays=[essay(at, "x", language=code) for at, code in enumerate(codes)])
    assert ["no", "zh"] == head(card(release))["language"]


def test_licences_are_not_made_up(tmp_path: Path) -> None:
    """One licence stated by every text is the card's; mixed ones are `other`; none is `unknown`."""
    stated: dict[str, list[str | None]] = {
        "one": ["CC-BY-4.0", "CC-BY-4.0"],
        "mixed": ["CC-BY-4.0", "CC0-1.0"],
        "partly": ["CC-BY-4.0", None],
        "none": [None, "NOASSERTION"],
        "odd": ["LicenseRef-House", "LicenseRef-House"],
    }
    found = {}
    for name, licences in stated.items():
        essays = [essay(at, "x", license=licence) for at, licence in enumerate(licences)]
        found[name] = head(card(make_release(tmp_path / name, essays=essays)))["license"]
    assert {
        "one": "cc-by-4.0",
        "mixed": "other",
        "partly": "other",
        "none": "unknown",
        "odd": "other",
    } == found


def test_no_section_without_content(tmp_path: Path) -> None:
    """A release with nothing but texts has no empty headings, and says which configs are missing."""
    release = make_release(
        tmp_path, essays=[essay(0, "x", authors=[])], removed=[], sources=[], steps=(), name="bare"
    )
    text = card(release)
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [
        "How to load it",
        "Numbers",
        "From input to dataset",
        "Fields",
        "Licences and rights",
        "Citation",
    ] == titles
    assert "`removed`, `clusters`, `related`, `dropped`, `overlaps`, `sources`" in section(text, "Fields")
    assert all(section(text, title) for title in titles)


def test_publishers_words_are_merged(tmp_path: Path) -> None:
    """What card.toml says stands where it belongs."""
    said = CardFile(
        pretty_name="Harbour essays",
        summary="Essays on harbours.",
        license=("cc0-1.0",),
        repository="harbour/essays",
        contact="mail the harbour office",
        authors=("Mira Holt", "Jon Aske"),
        tags=("harbours",),
        limits=("Only ferries.",),
        personal_data="Nobody is named.",
        takedown="Write to us.",
        section=(Section("Thanks", "To the pilots."),),
    )
    text = card(make_release(tmp_path, card=said, limits=("No dates.",), options=Options(date="2026-11-21")))
    found = head(text)
    assert ("Harbour essays", "cc0-1.0") == (found["pretty_name"], found["license"])
    assert ["text", "corpuskit", "harbours"] == found["tags"]
    assert "# Harbour essays\n\nEssays on harbours.\n\nVersion 1.0.0 of 2026-11-21" in text
    assert 'load_dataset("harbour/essays", split="train")' in section(text, "How to load it")
    assert "hf://datasets/harbour/essays/data/*.parquet" in section(text, "How to load it")
    assert "- No dates.\n- Only ferries." == section(text, "Known limits")
    assert ("To the pilots.", "mail the harbour office") == (
        section(text, "Thanks"),
        section(text, "Contact"),
    )
    assert section(text, "Licences and rights").endswith("Write to us.")
    assert section(text, "Personal data").endswith("Nobody is named.")
    assert "author = {Mira Holt and Jon Aske}" in section(text, "Citation")
    assert "year = {2026}" in section(text, "Citation")


def test_no_clock(tmp_path: Path) -> None:
    """Without a date in the options the card has none, and two builds give the same card."""
    first, second = (card(make_release(tmp_path / name)) for name in ("a", "b"))
    assert first == second
    assert not re.search(r"\b20[0-9]{2}\b", section(first, "Citation") + first[: first.index("## ")])


def test_numbers_are_counted(tmp_path: Path) -> None:
    """Counts of removals go by family and by rule; a document counts once however many cuts it has."""
    removed = [cut(0), cut(0, start=20), cut(1), cut(1, "byline.en.by", 30), cut(2)]
    release = make_release(
        tmp_path, removed=removed, clusters=[{"kind": "near"}, {"kind": "exact"}, {"kind": "near"}]
    )
    assert [("promo", 4, 40, 3), ("byline", 1, 10, 1)] == [
        (family.name, family.edits, family.characters, family.documents)
        for family in release.numbers.families
    ]
    text = card(release)
    assert "| `promo` | 4 | 40 | 3 | newsletters" in section(text, "What was removed")
    assert "Copies by kind: 2 near, 1 exact." in section(text, "From input to dataset")
    assert "| quarantined | 1 | 25.0 % | could not be read |" in section(text, "From input to dataset")
    assert "| `title` | `string` | 0.0 % | Title of the text. |" in section(text, "Fields")
    assert "| `authors` | `list<string>` | 100.0 % |" in section(text, "Fields")


def test_limits_are_told(tmp_path: Path) -> None:
    """What is unknown about the texts is said, and what a person should look at."""
    essays = [essay(0, "x", language=None, license=None), essay(1, "y", license="NOASSERTION"), essay(2, "z")]
    release = make_release(tmp_path, essays=essays, funnel=Funnel(5, held=2, kept=3))
    assert [
        "- 1 document without a language: too short, too mixed, or of one not known.",
        "- 2 documents without a stated licence; nothing is inferred from that.",
        "- 2 documents held back until a person has looked.",
    ] == section(card(release), "Known limits").split("\n")


def test_only_dates_that_sort_are_compared(tmp_path: Path) -> None:
    """The range of dates is that of the ISO ones, partial ones included."""
    dates = ["2021", "2019-05", "2020-01-02", "3 May 1999", None, "2021-06-07T10:00:00"]
    essays = [essay(at, "x", date_published=date) for at, date in enumerate(dates)]
    release = make_release(tmp_path, essays=essays)
    assert ("2019-05", "2021-06-07T10:00:00") == release.numbers.dates
    assert "| published | 2019-05 to 2021-06-07 |" in section(card(release), "Numbers")


def test_texts_without_a_source(tmp_path: Path) -> None:
    """Texts that came from nowhere in particular are in the table and do not count as a source."""
    release = make_release(
        tmp_path, sources=[{"source": "", "documents_read": 3, "documents_kept": 3, "words": 9}]
    )
    text = card(release)
    assert "| sources |" not in section(text, "Numbers")
    assert "| (none) |  | not stated | 3 | 3 | 9 |  |" in section(text, "Sources")


def test_funnel_must_add_up() -> None:
    """A document without a fate is a defect, not a number."""
    with pytest.raises(LawError, match="5 documents were read, but 4 are accounted for"):
        Funnel(5, kept=3, merged=1)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """A site's name cannot open a tag, a link, a column or a line, nor pass a control character."""
    source = {
        "source": HOSTILE,
        "url": "javascript:alert(1)|",
        "license": HOSTILE,
        "date_from": "<b>",
        "words": 1,
    }
    release = make_release(
        tmp_path,
        essays=[essay(0, "x", language=HOSTILE, license=HOSTILE)],
        sources=[source],
        removed=[cut(0, f"promo.{HOSTILE}")],
        funnel=Funnel(2, quarantined=1, kept=1, reasons=(("quarantined", HOSTILE, 1),)),
    )
    text = card(release)
    body = (
        text[text.index("\n# ") :]
        .replace("<details><summary>", "")
        .replace("</summary>", "")
        .replace("</details>", "")
    )
    assert not re.search(r"<(?!https://)", re.sub(r"`[^`\n]*`", "", body))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in section(text, "Sources").split("\n")}
    assert {8} == columns


@given(st.text(st.sampled_from("a|`<>&*_[]()!\\#-\n\r\t$~:/@.1 \u202e\u2028\x1b\x00é"), max_size=30))
def test_a_cell_is_one_plain_line(text: str) -> None:
    """No string breaks a table: one line, no bare column mark, no tag, no code, no control character."""
    shown = cell(text)
    assert not re.search("[\n\r\t\x00\x1b\u2028\u202e<>]", shown)
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*_\[\]$~#!]", shown)
    assert 3 == len(re.findall(r"(?<!\\)(?:\\\\)*\|", table(("a", "b"), [(shown, "x")]).split("\n")[2]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("---", "\\---"),
        ("1. Mai", "1\\. Mai"),
        ("AT&T &amp; Co.", "AT&amp;T &amp;amp; Co."),
        ("http://a.example", "http\\://a.example"),
        ("www.a.example", "www\\.a.example"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("O'Brien (Cork), Nº 5", "O'Brien (Cork), Nº 5"),
        ("x" * 90, "x" * 79 + "…"),
    ],
)
def test_cells(text: str, shown: str) -> None:
    """Ordinary names stay as they are; what Markdown would act on is escaped; the long is cut."""
    assert shown == cell(text)


def test_only_plain_addresses_are_links() -> None:
    """An address with anything special in it is shown, not linked."""
    assert "<https://a.example/b_c>" == link("https://a.example/b_c")
    assert "https\\://a.example/\\|x" == link("https://a.example/|x")
    assert "javascript:x" == link("javascript:x")


def test_card_file_is_read(tmp_path: Path) -> None:
    """Texts, lists and sections come as they are written; a single text counts as a list of one."""
    path = tmp_path / "card.toml"
    path.write_text(
        'pretty_name = "Harbours"\nlicense = "cc-by-4.0"\nlimits = ["a", "b"]\n'
        '[[section]]\ntitle = "Thanks"\ntext = "To all."\n'
    )
    expected = CardFile(
        pretty_name="Harbours",
        license=("cc-by-4.0",),
        limits=("a", "b"),
        section=(Section("Thanks", "To all."),),
    )
    assert expected == read_card_file(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('pretty_nam = "x"', r"unknown key 'pretty_nam' \(did you mean 'pretty_name'\?\)"),
        ("summary = 3", "summary must be text"),
        ("tags = [1]", "tags must be a list of texts"),
        ('license = "CC-BY-4.0"', r"does not know 'CC-BY-4.0' \(did you mean 'cc-by-4.0'\?\)"),
        ('license = "house rules"', "does not know 'house rules'; use license = \"other\""),
        ('license = "other"', "needs a license_name"),
        ('[[section]]\ntitle = "x"', "has a title and a text"),
        ('[[section]]\ntitel = "x"', r"unknown key 'titel' in \[\[section\]\] \(did you mean 'title'\?\)"),
        ("section = 1", r"must be written \[\[section\]\]"),
        ("a = ", "is not TOML"),
    ],
)
def test_card_file_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    """A mistake in card.toml is an error with the file, the key and what to write."""
    path = tmp_path / "card.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_card_file(path)
    assert str(caught.value).startswith(str(path))


def test_missing_card_file(tmp_path: Path) -> None:
    """A card file that is not there is a wrong configuration."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_card_file(tmp_path / "card.toml")


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (10**9, "1B<n<10B"),
        (10**13, "n>1T"),
    ],
)
def test_size_categories(rows: int, size: str) -> None:
    """The limits belong to the larger category."""
    assert size == size_category(rows)


def test_words_of_the_hub() -> None:
    """SPDX ids are turned into the Hub's; regions and words are no languages."""
    assert ["cc-by-sa-4.0", "odbl", "unknown", ""] == [
        hub_license(name) for name in ("CC-BY-SA-4.0", "ODbL-1.0", "NOASSERTION", "house")
    ]
    assert [True, True, False, False] == [is_language(code) for code in ("no", "nds", "zh-cn", "english")]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["promo.en.a", "promo.en.b", "nav.en.c"]))))
def test_counts_do_not_depend_on_files(cuts: list[tuple[int, str]]) -> None:
    """A document whose cuts lie in several files, or several row groups, still counts once."""
    removed = [cut(at, rule, start) for start, (at, rule) in enumerate(sorted(cuts))]
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        scattered = Options(level=1, group_rows=1, shard_bytes=1)
        found = [
            make_release(Path(folder), removed=removed, options=options).numbers
            for folder, options in ((one, Options(level=1)), (two, scattered))
        ]
    assert found[0] == found[1]
    documents: dict[str, set[int]] = {}
    for at, rule in cuts:
        documents.setdefault(rule.split(".")[0], set()).add(at)
    expected = {family: len(ids) for family, ids in documents.items()}
    assert expected == {family.name: family.documents for family in found[0].families}
