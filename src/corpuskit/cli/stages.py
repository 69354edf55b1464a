"""build, and the stages: each as a part of the build, or alone as a filter on JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpuskit.cli.options import build_options, configured, json_option, quiet_option
from corpuskit.cli.progress import Bar
from corpuskit.cli.quarantine import SHOWN, tell, tell_links

if TYPE_CHECKING:
    from corpuskit.run.build import Built
    from corpuskit.tasks.filters import Filtered

__all__ = ["build", "clean", "dedup", "enrich", "ingest", "package"]


def _run(stage: str, as_json: bool, quiet: bool, retry: bool = False, **options: Any) -> int:
    """Run the build up to a stage and tell what came of it. Returns the exit code."""
    from corpuskit.run.build import build as run_build
    from corpuskit.run.build import plan_of

    config, home = configured(**options)
    with Bar(quiet, drawn=not as_json) as bar:
        built = run_build(plan_of(config, home), stage, bar, retry, bar.say)
    if as_json:
        click.echo(json.dumps(_as_json(built), ensure_ascii=False, indent=2))
    elif not quiet:
        _tell(built)
    return 3 if built.needs_a_look else 0


def _as_json(built: Built) -> dict[str, Any]:
    import dataclasses

    return {
        "name": built.name,
        "folder": built.url or str(built.folder),
        "stage": built.stage,
        "tasks": {"ran": built.ran, "reused": built.reused},
        "packaged": built.packaged,
        "digest": built.digest,
        "funnel": dataclasses.asdict(built.funnel) if built.funnel else None,
        "quarantined": [dataclasses.asdict(row) for row in built.quarantined],
        "held": [{"id": id_, "reason": reason} for id_, reason in built.held],
        "over_budget": [
            {"source": one.source, "rule": one.rule or None, "evidence": one.evidence} for one in built.exceeded
        ],
        "filtered": [{"id": id_, "reason": reason, "evidence": said} for id_, reason, said in built.filtered],
        "unseen": [
            {"stage": stage, "id": one.what, "reason": one.reason, "evidence": one.error} for stage, one in built.unseen
        ],
        "withheld": [{"id": id_, "listed": listed} for id_, listed in built.withheld],
        "takedown_without_text": list(built.unknown),
        "sources_without_files": list(built.idle),
        "links": [{"path": path, "read_as": file} for path, file in built.links],
    }


def _tell(built: Built) -> None:
    def say(text: str = "") -> None:
        click.echo(text, err=True)

    if not built.ran:
        say(f"nothing to do: {built.stage} is up to date ({built.reused} tasks)")
    elif built.funnel and built.packaged:
        funnel = built.funnel
        fates = (("quarantined", funnel.quarantined), ("held", funnel.held), ("filtered", funnel.filtered),
                 ("merged as copies", funnel.merged), ("kept", funnel.kept))  # fmt: skip
        say(f"{funnel.read:,} read = " + " + ".join(f"{number:,} {name}" for name, number in fates if number))
    else:
        say(f"{built.stage}: {built.ran} task{'' if built.ran == 1 else 's'} ran, {built.reused} were done already")
    tell(built.quarantined, more="; --json lists all")
    for one in built.exceeded[:SHOWN]:
        what = f"{one.rule} in {one.source or 'documents without a source'}" if one.rule else f"source {one.source}"
        say(f"{click.style('over the loss budget', fg='yellow')} {what}: {one.evidence}; see docs/cleaning.md")
    for id_, reason in built.held[:SHOWN]:
        say(f"{click.style('held', fg='yellow')} {id_}: {reason}; see `corpuskit explain {id_}`")
    if len(built.held) > SHOWN:
        say(f"… and {len(built.held) - SHOWN:,} more; --json lists all")
    for at, left in built.unseen[:SHOWN]:
        say(f"{click.style(f'not seen by {at}', fg='yellow')} {left.what}: {left}; `corpuskit build --retry` tries once more")
    tell_links(built.links, more="; --json lists all")
    for name in built.idle[:SHOWN]:
        say(f"{click.style('matches no file', fg='yellow')} source {name!r} of sources.toml: look at its `files`")
    if built.withheld:
        say(f"{len(built.withheld):,} documents are kept out by the takedown list; --json names them")
    for id_ in built.unknown[:SHOWN]:
        say(f"{click.style('takedown', fg='yellow')} {id_}: no text of it is known, so its copies are not told; "
            'add "text" to its line in the list, or "text": "" when there is none')
    if built.stage == "package":
        say(f"{click.style('dataset', fg='green')} {built.url or built.folder}")
        if built.packaged and not built.url:
            say(f'load it with: datasets.load_dataset("{built.folder}")')


@click.command()
@click.option("--plan", is_flag=True, help="Say which tasks would run and why, and run nothing.")
@click.option("--retry", is_flag=True, help="Try again what workers died on, or code failed at, in an earlier build.")
@build_options
@json_option
@quiet_option
@click.pass_context
def build(ctx: click.Context, /, plan: bool, retry: bool, as_json: bool, quiet: bool, **options: Any) -> None:
    """Build the dataset: ingest, clean, enrich, dedup, package.

    Reads raw/ and writes processed/<name>/. What is already done is not done again; a build that was stopped goes
    on where it was. Output depends on input, options and versions alone.

    \b
    Examples:
      corpuskit build
      corpuskit build --raw texts --processed out --name letters -j 4
      corpuskit build --threshold careful --json
      corpuskit build --against releases/essays-1.0.0
      corpuskit build --threshold careful --plan
    """
    if plan:
        from corpuskit.cli.cache import show_plan

        show_plan(as_json, retry, **options)
        return
    ctx.exit(_run("package", as_json, quiet, retry, **options))


_IN = click.argument("source", metavar="[IN]", required=False, type=click.Path(path_type=Path, allow_dash=True))
_OUT = click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True), default="-",
                    help="Output file of the filter; - is stdout.  [default: -]")  # fmt: skip
_TEXT = click.option("--text-column", default="text", show_default=True, help="Column that holds the text.")


def _pipe(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take what a filter takes (IN, --output, --text-column) beside what every stage of a build takes."""
    for option in (click.pass_context, quiet_option, json_option, build_options, _TEXT, _OUT, _IN):
        command = option(command)
    return command


def _filter(ctx: click.Context, name: str, source: Path, output: Path, quiet: bool, **options: Any) -> None:
    from corpuskit.tasks import filters

    with Bar(quiet) as bar:
        result = getattr(filters, name)(source, output, progress=bar, **options)
    _refused(result, quiet)
    ctx.exit(3 if result.refused or result.held else 0)


def _refused(result: Filtered, quiet: bool) -> None:
    """Tell which rows were quarantined or held."""
    if quiet:
        return
    tell(result.refused, "row")
    tell_links(result.links)
    if result.held:
        click.echo(f"{result.held} of {result.rows} documents are held: see the column `status`", err=True)


@click.command()
@click.argument("source", metavar="[IN]", required=False, type=click.Path(path_type=Path))
@_OUT
@build_options
@json_option
@quiet_option
@click.pass_context
def ingest(
    ctx: click.Context, /, source: Path | None, output: Path, as_json: bool, quiet: bool, **options: Any
) -> None:
    """Read the input: decode, name, quarantine what cannot be read.

    With IN (a folder or file of any format that is read), writes one JSON row per document to -o: id, source, path, record,
    encoding, bytes_sha256, the fields that came with it, text, and further columns of tabular files ([ingest.columns] extra)
    under names of their own, where none of these has them. Without, runs this stage of the build.

    \b
    Examples:
      corpuskit ingest
      corpuskit ingest texts/ -o documents.jsonl
    """
    if source is None:
        ctx.exit(_run("ingest", as_json, quiet, **options))
    config, _ = configured(**options)
    _filter(ctx, "ingest", source, output, quiet, options=config.ingest)


@click.command()
@_IN
@_OUT
@_TEXT
@click.option("--source-column", default="source", show_default=True, help="Column that names the source of a row.")
@click.option(
    "--templates",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Pinned source templates, as `corpuskit rules suggest --write` writes them.",
)
@click.option(
    "--learn-templates", is_flag=True, help="First learn from IN, a file, the lines that each source repeats."
)
@build_options
@json_option
@quiet_option
@click.pass_context
def clean(
    ctx: click.Context,
    /,
    source: Path | None,
    output: Path,
    text_column: str,
    source_column: str,
    templates: Path | None,
    learn_templates: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Clean the texts, with an account of every change.

    With IN (JSON Lines), passes every column through, replaces the text by the clean one and adds `edits` (start
    and end in the newline-normalised text, removed, inserted, rule, confidence) and `status` (clean or held).
    Source templates act only when a file of them is named, or with --learn-templates, and only the loss budget of each
    document is kept: those of sources and rules need the whole corpus. Without, runs the build up to this stage.

    \b
    Examples:
      corpuskit clean
      corpuskit clean scraped.jsonl -o clean.jsonl
      zcat scraped.jsonl.gz | corpuskit clean - --threshold careful > clean.jsonl
      corpuskit clean scraped.jsonl --learn-templates --source-column site > clean.jsonl
    """
    import dataclasses

    if source is None:
        if templates or learn_templates:
            raise click.UsageError("--templates and --learn-templates need IN; in a build they stand in [clean]")
        ctx.exit(_run("clean", as_json, quiet, **options))
    config, home = configured(**options)
    chosen = config.clean
    if templates or chosen.templates:
        chosen = dataclasses.replace(chosen, templates=str(templates or home / chosen.templates))
    _filter(
        ctx, "clean", source, output, quiet, kinds=config.pii.masked,
        options=chosen, text_column=text_column, source_column=source_column, learn=learn_templates,
    )  # fmt: skip


@click.command()
@_pipe
def enrich(
    ctx: click.Context,
    /,
    source: Path | None,
    output: Path,
    text_column: str,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Find title, authors, dates, language and licence.

    Each comes with its evidence. With IN (JSON Lines, as `corpuskit clean` writes it or with raw texts), passes every column
    through and adds the fields that have no column yet. Without, runs the build up to this stage.

    \b
    Examples:
      corpuskit enrich
      corpuskit clean scraped.jsonl | corpuskit enrich - -o enriched.jsonl
    """
    if source is None:
        ctx.exit(_run("enrich", as_json, quiet, **options))
    config, _ = configured(**options)
    _filter(ctx, "enrich", source, output, quiet, options=config.metadata, text_column=text_column, kinds=config.pii.masked)


@click.command()
@_pipe
def dedup(
    ctx: click.Context,
    /,
    source: Path | None,
    output: Path,
    text_column: str,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Find copies, each beside the document that holds its text.

    With IN (JSON Lines with ids and texts), writes one row per cluster: {cluster, kept, members, kind}, kept_release
    where a release of --against holds the text, and also: for each member the other kept documents that hold it. Without,
    runs the build up to this stage.

    \b
    Examples:
      corpuskit dedup
      corpuskit dedup clean.jsonl -o clusters.jsonl
    """
    if source is None:
        ctx.exit(_run("dedup", as_json, quiet, **options))
    import dataclasses

    config, home = configured(**options)
    chosen = dataclasses.replace(
        config.dedup,
        against=tuple(str(home / folder) for folder in config.dedup.against),
        takedown=str(home / config.dedup.takedown) if config.dedup.takedown else "",
    )
    _filter(ctx, "dedup", source, output, quiet, options=chosen, text_column=text_column)


@click.command()
@_IN
@_TEXT
@build_options
@json_option
@quiet_option
@click.pass_context
def package(
    ctx: click.Context, /, source: Path | None, text_column: str, as_json: bool, quiet: bool, **options: Any
) -> None:
    """Write the dataset folder and prove that it loads.

    With IN (JSON Lines, cleaned and enriched), writes its rows as the dataset --name below --processed; columns that
    no field takes are kept in `extra_json`, with the digits of their numbers and NaN as "NaN". Without, runs what is
    missing of the build.

    \b
    Examples:
      corpuskit package
      corpuskit package enriched.jsonl --processed out --name letters
    """
    if source is None:
        ctx.exit(_run("package", as_json, quiet, **options))
    from corpuskit import __version__
    from corpuskit.dataset.upload import refuse_strangers, upload
    from corpuskit.run.build import plan_of
    from corpuskit.tasks.fates import options_of
    from corpuskit.tasks.package_rows import package as package_rows

    config, home = configured(**options)
    plan = plan_of(config, home)
    with Bar(quiet) as bar, plan.store.locked(say=bar.say):
        if plan.published:
            refuse_strangers(plan.published)
        result, done = package_rows(
            source, plan.place, progress=bar, options=config.package, enrich=config.metadata,
            pii=config.pii, fates=options_of(config, plan.decisions),
            card=plan.card, tool=f"corpuskit {__version__}", text_column=text_column,
            split=config.split, against=[home / folder for folder in config.dedup.against],
        )  # fmt: skip
        if plan.published:
            upload(done.folder, plan.published)
    where = str(plan.published or done.folder)
    if as_json:
        click.echo(json.dumps({"folder": where, "digest": done.digest, "kept": done.funnel.kept}, indent=2))
    elif not quiet:
        click.echo(f"{click.style('dataset', fg='green')} {where}: {done.funnel.kept:,} documents", err=True)
    _refused(result, quiet)
    ctx.exit(3 if result.refused or result.held else 0)
