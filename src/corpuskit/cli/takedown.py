"""takedown: put documents on the list of what must not be published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from corpuskit.cli.options import build_options, configured

__all__ = ["takedown"]


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--list",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The list, JSON Lines.  [default: takedown in [dedup] of corpuskit.toml]",
)
@build_options
def takedown(ids: tuple[str, ...], path: Path | None, **options: Any) -> None:
    """Put documents on the takedown list, each with its text.

    The text is taken from the dataset as it stands, from the last build, or from the releases in --against. With it the
    list keeps copies out for ever, also when the document is long gone; keep the list as private as the texts. The next
    build publishes none of them, no copy, and no text that holds one.

    \b
    Examples:
      corpuskit takedown 3f2a9c0d1e4b5a67
      corpuskit takedown 3f2a9c0d1e4b5a67 9d2c41f0aa17b3e8 --list takedown.jsonl
    """
    from corpuskit.dataset.earlier import earlier
    from corpuskit.dataset.folder import place, writing
    from corpuskit.errors import UsageError
    from corpuskit.reviewing.beside import side_of
    from corpuskit.reviewing.visible import visible
    from corpuskit.sources.takedown import read_takedown, to_line

    config, home = configured(**options)
    if path is None:
        if not config.dedup.takedown:
            raise UsageError('no list is named: add takedown = "takedown.jsonl" to [dedup] in corpuskit.toml, or --list')
        path = home / config.dedup.takedown
    if path.suffix != ".jsonl":
        raise UsageError(f"{path}: only a .jsonl list has room for texts; write the id into it yourself, or change the list")
    listed = {one.id for one in read_takedown(path) if one.text is not None} if path.exists() else set()
    where = place(home / config.build.processed, config.build.name)
    releases = [(one.label, one.paths) for one in (earlier(home / folder) for folder in config.dedup.against)]
    wanted = [id_ for id_ in dict.fromkeys(ids) if id_ not in listed]
    lines = [to_line(id_, side_of(where.target, where.workshop, id_, releases).text) for id_ in wanted]
    with writing(path):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        gap = "\n" if before and not before.endswith("\n") else ""
        path.write_text(before + gap + "".join(lines), encoding="utf-8")
    for id_ in ids:
        click.echo(f"{visible(id_)} {'is' if id_ in wanted else 'was'} on {path}", err=True)
    if path.name != Path(config.dedup.takedown).name:
        click.echo(f'name the list in corpuskit.toml for it to act: [dedup] takedown = "{path}"', err=True)
