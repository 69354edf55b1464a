"""build --plan and clean-cache: what a build would do again, and what it keeps so that it need not."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

from corpuskit.cli.options import build_options, configured, json_option
from corpuskit.cli.progress import Bar

if TYPE_CHECKING:
    from corpuskit.run.planning import Due, Planned

__all__ = ["clean_cache", "show_plan"]

_SHOWN = 5  # tasks of one stage that are listed one by one


@click.command("clean-cache")
@click.option("--all", "everything", is_flag=True, help="Also what the last build needs: the next one starts over.")
@build_options
@json_option
def clean_cache(everything: bool, as_json: bool, **options: Any) -> None:
    """Remove stage outputs that the last build does not need.

    Builds do this by themselves when the outputs pass the limit, `[run] cache` in corpuskit.toml (20 GB), those
    least recently of use first. The text and ledger of held documents stay in any case.

    \b
    Examples:
      corpuskit clean-cache
      corpuskit clean-cache --all --name letters
    """
    from corpuskit.run.build import clean_cache as removed
    from corpuskit.run.build import plan_of

    with Bar() as bar:
        freed = removed(plan_of(*configured(**options)), everything, bar.say)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(freed), indent=2))
    else:
        click.echo(f"{freed.files:,} files removed ({_size(freed.bytes)}); {_size(freed.kept)} are kept", err=True)


def show_plan(as_json: bool, retry: bool, **options: Any) -> None:
    """Print which tasks a build would run, and why; with `retry`, one that tries again what is left alone."""
    from corpuskit.run.build import plan_of, planned

    found = planned(plan_of(*configured(**options)), retry=retry)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2))
    elif not found.due:
        click.echo(f"nothing to do: {found.stage} is up to date ({found.reused} tasks)")
    else:
        _tell(found)


def _tell(found: Planned) -> None:
    certain = sum(one.certain for one in found.due)
    rest = len(found.due) - certain
    least = "" if found.counted else "at least "
    click.echo(f"{least}{certain} tasks would run" + (f", and up to {rest} behind them" if rest else "")
               + f"; {found.reused} are done already")  # fmt: skip
    for line in found.gone:
        click.echo(f"{'ingest':<8} {line}")
    groups: dict[tuple[str, tuple[str, ...], bool], list[Due]] = {}
    for one in found.due:
        groups.setdefault((one.stage, one.why, one.certain), []).append(one)
    for (stage, why, _), tasks in groups.items():
        names = ", ".join(one.label for one in tasks[:_SHOWN])
        more = f" and {len(tasks) - _SHOWN} more" if len(tasks) > _SHOWN else ""
        reason = "; ".join(why) or "if what stands before comes out otherwise"
        click.echo(f"{stage:<8} {names}{more}: {reason}")


def _size(count: int) -> str:
    size, unit = float(count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
