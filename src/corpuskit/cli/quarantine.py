"""What was quarantined, and what was passed over, told on stderr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from corpuskit.model import Quarantined

__all__ = ["SHOWN", "place_of", "tell", "tell_links"]

SHOWN = 8  # entries of a kind that are listed on the terminal


def place_of(row: Quarantined, number: str = "record") -> str:
    """Return where something was quarantined, as far as that is known: the file, the member or the number of the record
    (a `number` of it: "record", "row"), the byte.
    """
    record = f", {number if row.record.isdigit() else 'record'} {row.record}" if row.record else ""
    return f"{'stdin' if row.path == '-' else row.path}{record}{f', byte {row.offset}' if row.offset >= 0 else ''}"


def tell(rows: Sequence[Quarantined], number: str = "record", more: str = "") -> None:
    """List the first of `rows` with what is wrong and what to do, and how many there are beside them; `more` says where."""
    for row in rows[:SHOWN]:
        click.echo(
            f"{click.style('quarantined', fg='yellow')} {place_of(row, number)}: {row.message} {row.remedy}", err=True
        )
    if len(rows) > SHOWN:
        click.echo(f"… and {len(rows) - SHOWN:,} more{more}", err=True)


def tell_links(links: Sequence[tuple[str, str]], more: str = "") -> None:
    """List the first of the links that were passed over, each with the file that was read; `more` says where all are."""
    for path, file in links[:SHOWN]:
        click.echo(f"passed over {path}: a link to {file}, which is read once", err=True)
    if len(links) > SHOWN:
        click.echo(f"… and {len(links) - SHOWN:,} more links{more}", err=True)
