"""verify and diff: what a dataset folder holds, and how two differ."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpuskit.cli.options import build_options, configured, json_option

if TYPE_CHECKING:
    from corpuskit.dataset.verify import Report

__all__ = ["diff", "verify"]

_SHOWN = 20  # pairs over two splits that are listed on the terminal


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--all-readers", is_flag=True, help="Read it with polars, duckdb and pandas too, where installed.")
@click.option(
    "--overlap",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.2,
    show_default=True,
    help="Share of 13-word sequences from which two texts of different splits are reported.",
)
@build_options
@json_option
@click.pass_context
def verify(
    ctx: click.Context, /, folder: Path | None, all_readers: bool, overlap: float, as_json: bool, **options: Any
) -> None:
    """Prove that a dataset loads and holds what its card says.

    Loads every config with `datasets` from a throw-away cache, plain and streaming, and compares schema, rows and
    content digests. Proves that no document stands in two splits and that no copy is published beside the document
    that holds it, and reports the pairs of texts in different splits that share long passages (exit code 3). Without
    FOLDER, checks the dataset of this corpus.

    \b
    Examples:
      corpuskit verify
      corpuskit verify processed/essays --all-readers --json
      corpuskit verify processed/essays --overlap 0.05
    """
    from corpuskit.dataset.verify import verify as verified

    if folder is None:
        from corpuskit.errors import UsageError
        from corpuskit.run.build import plan_of

        config, home = configured(**options)
        folder = plan_of(config, home).place.target
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no dataset yet; run `corpuskit build`, or name a folder")
    report = verified(folder, all_readers=all_readers, overlap=overlap)
    if as_json:
        said = dataclasses.asdict(report) | {"folder": str(folder), "ok": report.ok}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for one in report.loaded:
            click.echo(
                f"{click.style('ok', fg='green')}  {one.config:<9} {one.reader:<20} {one.rows:>9,} rows  {one.digest[:16]}"
            )
        for finding in report.findings:
            click.echo(f"{click.style(finding.level, fg='red' if finding.level == 'error' else 'yellow')}  {finding}")
        _tell_leaks(report, overlap)
    ctx.exit(0 if report.ok and not report.leaks else 3)


def _tell_leaks(report: Report, overlap: float) -> None:
    """Print the pairs of texts that share passages over two splits, those that share most first."""
    from corpuskit.reviewing.visible import visible

    if len(report.splits) > 1 and not report.leaks:
        click.echo(
            f"{click.style('ok', fg='green')}  {', '.join(report.splits)}: no two texts of different splits have "
            f"{overlap:.0%} of their 13-word sequences in common"
        )
    ordered = sorted(report.leaks, key=lambda leak: -max(leak.share, leak.other_share))
    for leak in ordered[:_SHOWN]:
        share = max(leak.share, leak.other_share)
        click.echo(
            f"{click.style('leak', fg='yellow')}  {visible(leak.id)} ({leak.split}) and {visible(leak.other)} "
            f"({leak.other_split}) share {share:.0%}: {visible(leak.passage)}"
        )
    if len(ordered) > _SHOWN:
        click.echo(f"… and {len(ordered) - _SHOWN:,} more; --json lists all")


@click.command()
@click.argument("old", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("new", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--most", type=click.IntRange(0), default=20, show_default=True, help="Documents shown of each kind.")
@json_option
def diff(old: Path, new: Path, most: int, as_json: bool) -> None:
    """Compare two dataset folders: what came, went and changed.

    Documents are compared by id, text and ledger.

    \b
    Examples:
      corpuskit diff processed/.build/essays/previous processed/essays
      corpuskit diff release-1 release-2 --json
    """
    from corpuskit.dataset.diff import diff as compared
    from corpuskit.dataset.diff import render

    found = compared(old, new)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render(found, most=most), nl=False)
