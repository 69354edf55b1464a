"""verify and diff: what a dataset folder holds, and how two differ."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from corpuskit.cli.options import build_options, configured, json_option

__all__ = ["diff", "verify"]


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--all-readers", is_flag=True, help="Read it with polars, duckdb and pandas too, where installed.")
@build_options
@json_option
@click.pass_context
def verify(ctx: click.Context, /, folder: Path | None, all_readers: bool, as_json: bool, **options: Any) -> None:
    """Prove that a dataset folder loads and holds what its card says.

    Loads every config with `datasets` from a throw-away cache, plain and streaming, and compares schema, rows and
    content digests. Without FOLDER, checks the dataset of this corpus.

    \b
    Examples:
      corpuskit verify
      corpuskit verify processed/essays --all-readers --json
    """
    from corpuskit.dataset.verify import verify as verified

    if folder is None:
        from corpuskit.dataset.folder import place
        from corpuskit.errors import UsageError

        config, home = configured(**options)
        folder = place(home / config.build.processed, config.build.name).target
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no dataset yet; run `corpuskit build`, or name a folder")
    report = verified(folder, all_readers=all_readers)
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
    ctx.exit(0 if report.ok else 3)


@click.command()
@click.argument("old", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("new", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--most", type=click.IntRange(0), default=20, show_default=True, help="Documents shown of each kind.")
@json_option
def diff(old: Path, new: Path, most: int, as_json: bool) -> None:
    """Compare two dataset folders by id and ledger: added, gone, changed.

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
