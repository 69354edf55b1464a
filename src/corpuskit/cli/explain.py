"""explain: a text with its cuts marked and named."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpuskit.cli.options import build_options, configured
from corpuskit.cli.quarantine import place_of as refused_at
from corpuskit.cli.quarantine import tell

if TYPE_CHECKING:
    from corpuskit.cleaning import Templates
    from corpuskit.config import Config
    from corpuskit.model import Document, Quarantined
    from corpuskit.reviewing.explain import Explanation

__all__ = ["explain"]


@click.command()
@click.argument("what", metavar="FILE|ID")
@click.option("--fields", is_flag=True, help="Show the fields with their evidence instead of the text.")
@click.option("--full", is_flag=True, help="Show every kept line whole.")
@click.option("--beside", "other", metavar="ID", help="Show the document side by side with this one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@build_options
@click.pass_context
def explain(
    ctx: click.Context,
    /,
    what: str,
    fields: bool,
    full: bool,
    other: str | None,
    as_json: bool,
    color: str,
    **options: Any,
) -> None:
    """Show what was cut from a text, by which rule, and why.

    FILE is any file that ingest reads (- is stdin); what cannot be read in it is named, and the rest is shown. Source templates
    need all documents of a source: for a file in raw/ they are those of the last build, for others a line says that they are
    missing. ID is the id
    of a document of the built dataset, or of one that the last build held or filtered. Suspects, which a rule would cut but
    is not sure enough about, are marked too.

    \b
    Examples:
      corpuskit explain raw/lantern-review/a-winter-of-letters.txt
      corpuskit explain essay.txt --fields
      corpuskit explain 3f2a9c0d1e4b5a67 --json
      corpuskit explain 3f2a9c0d1e4b5a67 --beside 9d2c41f0aa17b3e8
    """
    config, home = configured(**options)
    colour = color == "always" or (
        color == "auto" and (ctx.color is True or (ctx.color is None and sys.stdout.isatty()))
    )
    copies: list[tuple[str, str]] = []
    refused: list[Quarantined] = []
    note = ""
    if what == "-" or Path(what).is_file():
        documents, within = _read(what, config, home, refused)
        templates, note = _templates(config, home, within, {one.source for one in documents} - {""})
        found = list(_explained(documents, templates, config, home, fields or as_json))
    else:
        from corpuskit.dataset.folder import place
        from corpuskit.errors import MissingError, UsageError
        from corpuskit.reviewing.beside import copies_of, holders_of
        from corpuskit.reviewing.built import explain_built
        from corpuskit.reviewing.published import explain_published, is_published

        where = place(home / config.build.processed, config.build.name)
        holders = [other] if other else [] if fields else holders_of(where.target, what)
        if holders:
            _side_by_side(config, home, what, holders, as_json, full, colour)
            return
        copies = copies_of(where.target, what)
        built = None if is_published(where.target, what) else explain_built(where.workshop, what)
        if built is None and not where.target.is_dir():
            raise UsageError(f"{what!r} is no file here, and there is no dataset in {where.target} to look the id up in")
        try:
            found = [built or explain_published(where.target, what)]
        except MissingError as error:
            if not _looks_like_a_file(what):
                raise
            kind = "a folder, not a file" if Path(what).is_dir() else "no file"
            raise MissingError(f"{what}: there is {kind} of that name; and {error}") from None
    code = 3 if refused or any(one.status == "held" for one in found) else 0
    if as_json:
        from corpuskit.reviewing.explain import to_json

        for one in found:
            click.echo(to_json(one))
        if note:
            click.echo(note, err=True)
        tell(refused, "row")
        ctx.exit(code)
    from corpuskit.reviewing.rendering import render, render_fields
    from corpuskit.reviewing.visible import visible

    for number, one in enumerate(found):
        if number:
            click.echo()
        if fields and len(found) > 1:
            click.echo(click.style(visible(one.name), bold=colour), color=colour or None)
        click.echo(
            render_fields(one, colour=colour) if fields else render(one, colour=colour, full=full),
            color=colour or None,
            nl=False,
        )
    if note:
        click.echo(note)
    for id_, kind in copies:
        click.echo(f"{kind} copy left out: {visible(id_)}; `corpuskit explain {visible(id_)}` shows both side by side")
    tell(refused, "row")
    ctx.exit(code)


def _looks_like_a_file(what: str) -> bool:
    """Say whether `what` was meant as a path: it has folders, is one, or ends like a file that is read."""
    from corpuskit.sources.discovery import format_of

    return "/" in what or Path(what).is_dir() or format_of(what)[0] != "unknown"


def _side_by_side(
    config: Config, home: Path, what: str, holders: Sequence[str], as_json: bool, full: bool, colour: bool
) -> None:
    """Print a document of the dataset beside the first of those that hold it, and name the others."""
    import shutil

    from corpuskit.dataset.earlier import earlier
    from corpuskit.dataset.folder import place
    from corpuskit.reviewing.beside import beside, render_beside, to_json
    from corpuskit.reviewing.visible import visible

    where = place(home / config.build.processed, config.build.name)
    releases = [earlier(home / folder) for folder in config.dedup.against]
    found = beside(where.target, where.workshop, what, holders[0], [(one.label, one.paths) for one in releases])
    if as_json:
        click.echo(to_json(found))
        return
    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(render_beside(found, width=width, colour=colour, full=full), color=colour or None, nl=False)
    for id_ in map(visible, holders[1:]):
        click.echo(f"{id_} holds it, too; `corpuskit explain {visible(what)} --beside {id_}` shows both")


def _read(what: str, config: Config, home: Path, refused: list[Quarantined]) -> tuple[list[Document], bool]:
    """Return the documents of a file as a build would read them, and whether it lies in the input of this corpus: sources and
    places count from there. What cannot be read goes to `refused`.

    Raises `InputError` when there is no document in it, and something that cannot be read.
    """
    from corpuskit.errors import InputError
    from corpuskit.model import Document, Provenance

    if what == "-":
        return [Document("-", "", sys.stdin.read(), Provenance("-"))], False
    from dataclasses import replace

    from corpuskit.sources import discover, load_sources, read
    from corpuskit.storage import place_of

    root: Path = Path(what)
    file = discover(root, config.ingest)[0]
    raw = place_of(config.build.raw, home)
    within = isinstance(raw, Path) and raw.is_dir() and Path(os.path.abspath(what)).is_relative_to(os.path.abspath(raw))
    if isinstance(raw, Path) and within:
        place = Path(os.path.relpath(what, raw)).as_posix()
        root, file = raw, replace(file, path=unicodedata.normalize("NFC", place), on_disk=place)
    documents = []
    declared = load_sources((root if within else root.parent) / "sources.toml")
    for found in read(root, file, declared, config.ingest):
        if isinstance(found, Document):
            documents.append(found)
        else:
            refused.append(found)
    if not documents and refused:
        one = refused[0]
        raise InputError(f"{what}{refused_at(one, 'row').removeprefix(one.path)}: {one.message} {one.remedy}")
    return documents, within


def _templates(config: Config, home: Path, within: bool, sources: Collection[str]) -> tuple[Templates, str]:
    """Return the source templates that act on a file of these sources, and what to say of those that a build learns."""
    from corpuskit.dataset.folder import place
    from corpuskit.reviewing.visible import visible
    from corpuskit.run.templates import applied, pinned_of
    from corpuskit.storage import is_url

    pinned = pinned_of(config.clean, home)
    if not config.clean.learn_templates:
        return pinned, ""
    last = None
    if within and not is_url(config.build.processed):
        last = applied(place(home / config.build.processed, config.build.name).workshop, pinned)
    if last is None:
        return pinned, "source templates, which a build learns over all documents of a source, are not among these cuts"
    last = last.of(sources)
    names = ", ".join(map(visible, sorted(sources)))  # without a source there are no templates, and nothing is to be said
    return last, f"source templates, as the last build had them: {len(last.entries) or 'none'} for {names}" if sources else ""


def _explained(
    documents: Sequence[Document], templates: Templates, config: Config, home: Path, fields: bool
) -> Iterator[Explanation]:
    """Explain documents of a file, as a build would clean them."""
    from corpuskit.cleaning import Owner, clean_batch
    from corpuskit.model import Candidate
    from corpuskit.reviewing.explain import explain as explained
    from corpuskit.sources.authors import load_aliases

    aliases = load_aliases(home, config.metadata.authors)
    owners = [Owner(one.source, one.given) for one in documents]
    texts = [one.text for one in documents]
    cleaning = clean_batch(texts, config.clean, owners, templates)
    for document, cleaned in zip(documents, cleaning, strict=True):
        if config.pii.masked:
            from corpuskit.metadata.masking import mask

            cleaned = mask(document.text, cleaned, config.pii.masked).cleaned
        chosen: tuple[Candidate, ...] = ()
        others: tuple[Candidate, ...] = ()
        if fields:
            from corpuskit.metadata import enrich

            metadata = enrich(
                document.text, cleaned.text, cleaned.ledger, (*document.given, *cleaned.candidates), None, config.metadata
            )
            if aliases:
                from corpuskit.metadata.aliases import with_aliases

                metadata = with_aliases(metadata, aliases)
            chosen = tuple(metadata.candidates[at] for at in metadata.chosen)
            others = tuple(one for at, one in enumerate(metadata.candidates) if at not in set(metadata.chosen))
        name = document.provenance.path + (f":{document.provenance.record}" if document.provenance.record else "")
        yield explained(
            document.text, cleaned.ledger, cleaned.suspects, name=name, chosen=chosen, others=others,
            status=cleaned.status, reason=cleaned.reason,
        )  # fmt: skip
