"""authors: the names of a dataset, and which may be one person's."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from corpuskit.cli.options import build_options, configured, json_option

__all__ = ["authors"]


@click.command()
@click.argument("folder", metavar="[DATASET]", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--most", type=click.IntRange(0), default=40, show_default=True, help="Names shown.")
@click.option("--write", "target", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the suggestions to this file, as an authors.toml in which nothing is accepted yet.")  # fmt: skip
@build_options
@json_option
def authors(folder: Path | None, most: int, target: Path | None, as_json: bool, **options: Any) -> None:
    """List the authors, and suggest which names are one person's.

    Names that differ in case, accents, order, particles or initials are suggested as aliases and never merged: write
    those that you accept into a file (`"Mara Voss" = ["M. Voss", "VOSS, Mara"]`) and name it under [metadata] authors in
    corpuskit.toml. The next build applies them, and its evidence says so. Without DATASET, looks at this corpus's.

    \b
    Examples:
      corpuskit authors
      corpuskit authors processed/essays --json
      corpuskit authors --write authors.toml
    """
    from corpuskit.dataset.folder import place
    from corpuskit.errors import UsageError
    from corpuskit.reviewing import authors as found_authors
    from corpuskit.reviewing.visible import visible
    from corpuskit.sources.authors import load_aliases

    config, home = configured(**options)
    if folder is None:
        folder = place(home / config.build.processed, config.build.name).target
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no dataset yet; run `corpuskit build`, or name a folder")
    found = found_authors.authors(folder, load_aliases(home, config.metadata.authors))
    if target is not None:
        if target.exists():
            raise UsageError(f"{target}: is there already; nothing is overwritten")
        target.write_text(found_authors.as_toml(found), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2))
        return
    for one in found.names[:most]:
        also = ", ".join(f"{visible(name)} {count}" for name, count in one.variants)
        where = ", ".join(visible(source) for source in one.sources[:3] if source)
        more = f", and {len(one.sources) - 3} more" if len(one.sources) > 3 else ""
        click.echo(f"{one.documents:>6}  {click.style(visible(one.name), bold=True)}  {where}{more}"
                   + (f"  (also {also})" if also else ""))  # fmt: skip
    if len(found.names) > most:
        click.echo(f"… and {len(found.names) - most:,} more; --most 0 --json lists all", err=True)
    for suggestion in found.suggestions:
        said = "; ".join(f"{visible(name)} ({why})" for name, why in suggestion.variants)
        click.echo(f"{click.style('same?', fg='yellow')} {visible(suggestion.canonical)}: {said}")
    click.echo(f"{len(found.names):,} names, {len(found.suggestions):,} suggestions", err=True)
