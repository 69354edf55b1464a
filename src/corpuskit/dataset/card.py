"""The dataset card: YAML, then what a reader wants to know, in that order. No section without content.

Everything that came out of the corpus passes through `markdown.cell`; only the publisher's own ``card.toml``
and the sentences here are Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpuskit.dataset.fields import CONFIGS, FAMILIES, FIELDS
from corpuskit.dataset.folder import writing
from corpuskit.dataset.front import front
from corpuskit.dataset.markdown import cell, count, link, percent, table
from corpuskit.dataset.release import SOURCES_SHOWN, Release
from corpuskit.dataset.writer import ConfigFacts, config_folder

__all__ = ["card", "counted", "size_of", "write_card"]

#: Rules shown by name under "What was removed"; the config `removed` has all.
RULES_SHOWN = 20
LANGUAGES_SHOWN = 30
LICENSES_SHOWN = 30
#: What follows the size of the dataset where the publisher has written no summary.
ACCOUNTED = ", with an account of everything that was removed."

_PERSONAL = {"email": "e-mail addresses", "iban": "IBANs", "ip": "IP addresses", "phone": "phone numbers"}


def write_card(folder: Path, release: Release) -> Path:
    """Write ``README.md`` into `folder` and return its path. Raises `OutputError`."""
    path = folder / "README.md"
    with writing(path):
        path.write_text(card(release), encoding="utf-8", newline="\n")
    return path


def card(release: Release) -> str:
    """Return the whole card of a release."""
    sections = (
        ("", _opening(release)),
        ("How to load it", _loading(release)),
        ("Numbers", _numbers(release)),
        ("From input to dataset", _funnel(release)),
        ("Fields", _fields(release)),
        ("Sources", _sources(release)),
        ("How it was made", _steps(release)),
        ("What was removed", _removed(release)),
        ("Licences and rights", _rights(release)),
        ("Personal data", _people(release)),
        ("Known limits", _items((*_limits(release), *release.limits, *release.card.limits))),
        *((section.title, section.text) for section in release.card.section),
        ("Citation", _citation(release)),
        ("Contact", release.card.contact),
    )
    body = "\n".join(
        f"## {title}\n\n{text.strip()}\n" if title else f"{text.strip()}\n"
        for title, text in sections
        if text.strip()
    )
    return f"{front(release)}\n{body}"


def counted(release: Release) -> dict[str, str]:
    """Return the sections of the card that say what the rows of the dataset are and nothing else, by their titles."""
    return {"Numbers": _numbers(release), "Sources": _sources(release), "What was removed": _removed(release)}


def size_of(release: Release) -> str:
    """Return how large the dataset is, in a sentence without its end."""
    numbers = release.numbers
    made = f"{_many(numbers.documents, 'clean text')}, {_many(numbers.words, 'word')}"
    if numbers.sources:
        made += f", from {_many(numbers.sources, 'source')}"
    if known := _languages(release):
        made += f", in {_many(len(known), 'language')}"
    return made


def _opening(release: Release) -> str:
    summary = release.card.summary or f"{size_of(release)}{ACCOUNTED}"
    state = f"Version {release.version}" + (f" of {release.date}" if release.date else "")
    state += f" · made with {cell(release.tool)} · content `sha256:{release.digest[:16]}`"
    if release.card.homepage:
        state += f" · [home page]({release.card.homepage})"
    return f"# {release.card.pretty_name or cell(release.name)}\n\n{summary}\n\n{state}"


def _loading(release: Release) -> str:
    where = release.card.repository or f"processed/{release.name}"
    main = next(config for config in release.configs if config.splits)
    split = main.splits[0].name
    home = config_folder(main.name)
    parts = [
        "```python",
        "from datasets import load_dataset",
        "",
        f'essays = load_dataset("{where}", split="{split}")',
        'print(essays[0]["text"][:500])',
        "",
        "# row by row, without a copy on the disk",
        f'for essay in load_dataset("{where}", split="{split}", streaming=True):',
        "    ...",
    ]
    others = [config for config in release.configs if config is not main]
    if others:
        name, first = others[0].name, others[0].splits[0].name
        parts += ["", f'{name} = load_dataset("{where}", "{name}", split="{first}")']
    files = f"hf://datasets/{where}" if release.card.repository else where
    parts += [
        "```",
        "",
        "```python",
        "import polars",
        "",
        f'essays = polars.scan_parquet("{files}/{home}/*.parquet").select("id", "source", "text").collect()',
        "```",
        "",
        "```sql",
        "-- duckdb",
        f"SELECT source, count(*), sum(words) FROM '{files}/{home}/*.parquet' GROUP BY source;",  # noqa: S608 - shown, never run
        "```",
        "",
        (
            "A local path needs the folder as it is, with this file in it. `datasets` keeps what it loads in "
            "its cache, one copy for each version of the dataset; streaming keeps none."
        ),
    ]
    return "\n".join(parts)


def _numbers(release: Release) -> str:
    numbers = release.numbers
    rows = [
        ("documents", count(numbers.documents)),
        ("words", count(numbers.words)),
        ("characters", count(numbers.characters)),
    ]
    if numbers.sources:
        rows.append(("sources", count(numbers.sources)))
    if numbers.authors:
        rows.append(("authors named", count(numbers.authors)))
    if known := _languages(release):
        shown = ", ".join(f"{cell(code)} {count(documents)}" for code, documents in known[:LANGUAGES_SHOWN])
        more = len(known) - LANGUAGES_SHOWN
        rows.append(("languages", f"{len(known)}: {shown}" + (f" and {more} more" if more > 0 else "")))
    if numbers.dates[0]:
        rows.append(("published", _span(numbers.dates)))
    text = table(("", ">"), rows)
    configs = table(
        ("config", "split", "rows>", "size>", "content"),
        (
            (
                f"`{config.name}`",
                f"`{split.name}`",
                count(split.rows),
                _size(sum(file.bytes for file in split.files)),
                f"`{config.digest[:16]}`",
            )
            for config in release.configs
            for split in config.splits
        ),
    )
    return f"{text}\n{configs}"


def _languages(release: Release) -> list[tuple[str, int]]:
    return [(code, documents) for code, documents in release.numbers.languages if code]


def _funnel(release: Release) -> str:
    funnel = release.funnel
    fates = (
        ("read", funnel.read, "every document or record found in the input"),
        ("quarantined", funnel.quarantined, "could not be read"),
        ("held", funnel.held, "so much would have gone that a person should look first"),
        ("filtered", funnel.filtered, "nothing left, or excluded by a filter"),
        ("merged", funnel.merged, "copies: their text stands in a document that is kept"),
        ("kept", funnel.kept, "in this dataset"),
    )
    text = table(
        ("", "documents>", "share>", ""),
        (
            (name, count(number), percent(number, funnel.read), what)
            for name, number, what in fates
            if number or name in ("read", "kept")
        ),
    )
    if funnel.reasons:
        text += "\n" + table(
            ("fate", "reason", "documents>"),
            ((cell(fate), cell(reason), count(number)) for fate, reason, number in funnel.reasons),
        )
    if any(config.name == "dropped" for config in release.configs):
        text += "\nThe config `dropped` names what was quarantined, held or filtered, each with the values that decided.\n"
    if release.numbers.copies:
        kinds = ", ".join(f"{count(number)} {cell(kind)}" for kind, number in release.numbers.copies)
        text += f"\nCopies by kind: {kinds}. The config `clusters` names the one kept in place of each.\n"
    if shared := sum(config.rows for config in release.configs if config.name == "overlaps"):
        text += f"\n{_many(shared, 'pair')} of a document and an evaluation text share passages: see the config `overlaps`.\n"
    if pairs := sum(config.rows for config in release.configs if config.name == "related"):
        text += f"\n{_many(pairs, 'pair')} of kept documents share much and are no copies: see the config `related`.\n"
    return text


def _fields(release: Release) -> str:
    parts = [_config_fields(config) for config in release.configs]
    missing = [name for name in CONFIGS if name not in {config.name for config in release.configs}]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        parts.append(f"There is nothing to say in {names}, so this release goes without.\n")
    return "\n".join(parts)


def _config_fields(config: ConfigFacts) -> str:
    meanings = FIELDS[config.name]
    empty = {name: sum(dict(split.empty)[name] for split in config.splits) for name in config.schema.names}
    rows = (
        (
            f"`{field.name}`",
            f"`{_type(str(field.type))}`",
            percent(config.rows - empty[field.name], config.rows),
            meanings[field.name],
        )
        for field in config.schema
    )
    text = table(("field", "type", "filled>", "meaning"), rows)
    if config.name == "default":
        return f"{CONFIGS[config.name]}\n\n{text}"
    return f"<details><summary>{config.name}: {CONFIGS[config.name]}</summary>\n\n{text}\n</details>\n"


def _type(name: str) -> str:
    """Arrow's name of a type, without what only Arrow cares about."""
    for long, short in (("large_string", "string"), ("double", "float64"), ("item: ", ""), ("element: ", "")):
        name = name.replace(long, short)
    return name


def _sources(release: Release) -> str:
    if not release.numbers.largest:
        return ""
    rows = (
        (
            cell(source.name) or "(none)",
            link(source.url),
            cell(source.license) or "not stated",
            count(source.read),
            count(source.kept),
            count(source.words),
            _span(source.dates),
        )
        for source in release.numbers.largest
    )
    text = table(("source", "address", "licence", "read>", "kept>", "words>", "published"), rows)
    more = release.numbers.sources - SOURCES_SHOWN
    if more > 0:
        text += f"\n{_many(more, 'further source')}: see the config `sources`.\n"
    return text


def _span(dates: tuple[str, str]) -> str:
    """The days from the first to the last of `dates`; the hour that a page states ("2020-05-02T10:00:00Z") stays in the rows."""
    return cell(" to ".join(dict.fromkeys(date[:10] for date in dates if date)))


def _steps(release: Release) -> str:
    parts = []
    for at, step in enumerate(release.steps, 1):
        text = f"{at}. **{step.name}**: {step.summary}"
        notes = [
            *(f"{name} {value}" for name, value in step.settings),
            *(f"{name} {version}" for name, version in step.versions),
        ]
        if notes:
            text += f" ({', '.join(cell(note, 120) for note in notes)})"
        parts.append(text)
    return "\n".join(parts)


def _removed(release: Release) -> str:
    numbers = release.numbers
    marked = (
        f"{_many(numbers.marked, 'passage')} that several documents of one source have are marked in `removed`, family "
        "`passage`: the text stays, what such a row removes it puts back.\n"
        if numbers.marked
        else ""
    )
    if not numbers.families:
        return marked
    rows = (
        (
            f"`{family.name}`",
            count(family.edits),
            count(family.characters),
            count(family.documents),
            FAMILIES.get(family.name, ""),
        )
        for family in numbers.families
    )
    gone = sum(family.characters for family in numbers.families)
    text = (
        f"{_many(sum(family.edits for family in numbers.families), 'change')} over {count(gone)} characters, "
        f"{percent(gone, numbers.raw_characters)} of the raw texts of the documents kept. Each is a row of "
        "`removed`, with the rule, the span and the confidence; undoing them gives the raw text back, and "
        "every build proves it.\n\n"
    )
    text += table(("family", "changes>", "characters>", "documents>", "what it is"), rows)
    rules = table(
        ("rule", "changes>", "characters>", "documents>"),
        (
            (cell(rule.name), count(rule.edits), count(rule.characters), count(rule.documents))
            for rule in numbers.rules[:RULES_SHOWN]
        ),
    )
    more = len(numbers.rules) - RULES_SHOWN
    title = "By rule" if more <= 0 else f"The {RULES_SHOWN} rules that took most, of {len(numbers.rules)}"
    return "\n".join([f"{text}\n<details><summary>{title}</summary>\n\n{rules}\n</details>\n", *filter(None, [marked])])


def _rights(release: Release) -> str:
    parts = []
    if release.card.license:
        names = ", ".join(f"`{name}`" for name in release.card.license)
        called = f" ({release.card.license_name})" if release.card.license_name else ""
        parts.append(
            f"The compilation, its fields and its ledger are under {names}{called}. That does not change the "
            "rights in the texts, which stay with their authors and publishers."
        )
    else:
        parts.append(
            "The rights in the texts stay with their authors and publishers; this dataset adds no licence of its own."
        )
    stated = release.numbers.licenses
    rows = [(cell(name) or "not stated", count(documents)) for name, documents in stated[:LICENSES_SHOWN]]
    if len(stated) > LICENSES_SHOWN:
        rows.append(("others", count(sum(documents for _, documents in stated[LICENSES_SHOWN:]))))
    if rows:
        parts.append(
            "What the texts themselves state (column `license`, with what says so in `evidence`):\n\n"
            + table(("licence", "documents>"), rows).rstrip()
        )
    parts += [text for text in (release.card.rights, release.card.takedown) if text]
    return "\n\n".join(parts)


def _people(release: Release) -> str:
    parts = []
    if release.numbers.authors:
        parts.append(
            "The fields name authors, editors and photographers as the publications named them, because "
            "credit is due to them. Texts may name other people."
        )
    masked = next((family for family in release.numbers.families if family.name == "pii"), None)
    if masked:
        parts.append(
            f"Personal data was masked in {_many(masked.documents, 'document')} ({_many(masked.edits, 'place')}): a "
            "placeholder such as `[email]` stands in the text. What stood there is published nowhere: `removed` is null "
            "for these edits, and blotted out (█, one for each code point) where it stood in a line that was removed as "
            "a whole. `raw_sha256` is still that of the whole raw text, and the build proved the account against it: "
            "whoever has the raw text can do so again."
        )
    found = [row for row in release.numbers.personal if row[1]]
    if found:
        what = "masked" if masked else "found by their form, and left as they are"
        rows = ((_PERSONAL[kind], count(finds), count(documents)) for kind, finds, documents in found)
        parts.append(table((what, "places>", "documents>"), rows).rstrip())
    if release.card.personal_data:
        parts.append(release.card.personal_data)
    return "\n\n".join(parts)


def _limits(release: Release) -> list[str]:
    """What the numbers themselves say should be known before the texts are used."""
    numbers, made = release.numbers, []
    unsure = dict(numbers.languages).get("", 0)
    if unsure:
        made.append(
            f"{_many(unsure, 'document')} without a language: too short, too mixed, or of one not known."
        )
    unstated = sum(documents for name, documents in numbers.licenses if name in ("", "NOASSERTION"))
    if unstated:
        made.append(f"{_many(unstated, 'document')} without a stated licence; nothing is inferred from that.")
    if release.funnel.held:
        made.append(f"{_many(release.funnel.held, 'document')} held back until a person has looked.")
    return made


def _citation(release: Release) -> str:
    if release.card.citation:
        return f"```bibtex\n{release.card.citation}\n```"
    lines = [f"@misc{{{''.join(c for c in release.name.lower() if c.isalnum()) or 'dataset'},"]
    if release.card.authors:
        lines.append(f"  author = {{{' and '.join(release.card.authors)}}},")
    lines.append(f"  title = {{{release.card.pretty_name or release.name}}},")
    if release.date:
        lines.append(f"  year = {{{release.date[:4]}}},")
    if release.card.repository:
        lines.append(f"  howpublished = {{https://huggingface.co/datasets/{release.card.repository}}},")
    lines += [f"  note = {{Version {release.version}, content sha256:{release.digest[:16]}}}", "}"]
    return "```bibtex\n" + "\n".join(lines) + "\n```"


def _items(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts if text)


def _size(number: int) -> str:
    """Bytes for a person, in powers of a thousand."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1_000:
            return f"{number} {unit}"
        number = round(number / 1_000)
    return f"{number:,} TB"


def _many(number: int, noun: str) -> str:
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")
