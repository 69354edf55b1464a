"""init: lay out a folder for a new corpus."""

from __future__ import annotations

import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

__all__ = ["init"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the dataset  [default: the name of FOLDER]")
def init(folder: Path, name: str | None) -> None:
    """Lay out a corpus folder with texts and options.

    Writes raw/ with sources.toml, corpuskit.toml, card.toml and a Makefile. `make` works in it at once, on two short example
    texts; replace them by your own. A file that is there already is never overwritten.

    \b
    Examples:
      corpuskit init my-letters
      cd my-letters && make
    """
    from corpuskit.dataset.folder import place, writing

    name = (
        name
        or "".join(c if c.isalnum() or c in "-_." else "-" for c in folder.absolute().name).strip("-._")
        or "essays"
    )
    place(folder / "processed", name)  # says now what is wrong with the name or the path, not at the first build
    values = {"@NAME@": name, "@PYTHON@": sys.executable}
    made = []
    with writing(folder):
        for source, target in _starter(files("corpuskit.cli") / "starter", folder):
            if target.exists():
                click.echo(f"{target} is there already; it stays as it is", err=True)
                continue
            text = source.read_text(encoding="utf-8")
            for key, value in values.items():
                text = text.replace(key, value)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            made.append(target)
    for target in made:
        click.echo(target)
    there = "" if folder.resolve() == Path().resolve() else f"cd {folder} && "
    click.echo(f"put your texts into {folder / 'raw'}, say where they come from in {folder / 'raw' / 'sources.toml'}, "
               f"then: {there}make", err=True)  # fmt: skip


def _starter(source: Traversable, target: Path) -> list[tuple[Traversable, Path]]:
    found = []
    for entry in sorted(source.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            found += _starter(entry, target / entry.name)
        elif not entry.name.endswith((".py", ".pyc")):
            found.append((entry, target / entry.name.removesuffix(".starter")))
    return found
