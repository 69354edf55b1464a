"""rules: list them, show one, run their examples."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpuskit.cli.options import build_options, configured, json_option, quiet_option
from corpuskit.cli.progress import Bar

if TYPE_CHECKING:
    from corpuskit.cleaning.rules.rule import RuleSet
    from corpuskit.cleaning.templates import Templates

__all__ = ["rules"]


@click.group()
def rules() -> None:
    """Look at the cleaning rules, and test your own.

    \b
    Examples:
      corpuskit rules list --family promo --language de
      corpuskit rules show ad-marker.en.continues
      corpuskit rules test my-rules/
      corpuskit rules suggest --write templates.toml
    """


_config = click.option("-c", "--config", "config_path", type=click.Path(path_type=Path, dir_okay=False),
                       help="Configuration file  [default: corpuskit.toml where you are, if there is one]")  # fmt: skip


def _known(config_path: Path | None) -> RuleSet:
    """Return the rules that a build with this configuration has: those of the package, and a user's own."""
    from corpuskit.cleaning.rules.loader import load

    config, _ = configured(config_path)
    return load(config.clean.own_rules)


@rules.command("list")
@click.option("--family", help="Only this family.")
@click.option("--language", help="Only this language.")
@_config
@json_option
def list_rules(family: str | None, language: str | None, config_path: Path | None, as_json: bool) -> None:
    """List the rules with their reasons, those of `[clean] rules` among them.

    \b
    Examples:
      corpuskit rules list
      corpuskit rules list --family byline --json
    """
    from corpuskit.errors import UsageError, nearest

    known = _known(config_path)
    for what, asked in (("family", family), ("language", language)):
        names = sorted({getattr(rule, what) for rule in known.rules})
        if asked is not None and asked not in names:
            raise UsageError(f"no rule is of the {what} {asked!r}{nearest(asked, names)}; there are {', '.join(names)}")
    chosen = [rule for rule in known.rules if family in (None, rule.family) and language in (None, rule.language)]
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(rule) for rule in chosen], ensure_ascii=False, indent=2))
        return
    for rule in chosen:
        status = "" if rule.status == "stable" else click.style(" (preview)", fg="yellow")
        click.echo(f"{click.style(rule.id, bold=True)}{status}  {rule.why}")
    counts = Counter(rule.family for rule in chosen)
    click.echo(
        f"{len(chosen)} rules: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())), err=True
    )


@rules.command()
@click.argument("rule_id")
@_config
@json_option
def show(rule_id: str, config_path: Path | None, as_json: bool) -> None:
    """Show one rule with its patterns and examples, also one of `[clean] rules`.

    \b
    Examples:
      corpuskit rules show ad-marker.en.continues
    """
    from corpuskit.errors import UsageError, nearest

    known = _known(config_path).by_id
    if rule_id not in known:
        raise UsageError(f"no rule is called {rule_id!r}{nearest(rule_id, list(known))}")
    rule = known[rule_id]
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(rule), ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{click.style(rule.id, bold=True)}  {rule.scope}, {rule.status}, zone {rule.zone}, confidence {rule.confidence:g}"
    )
    click.echo(rule.why)
    if rule.detector:
        click.echo(f"detector: {rule.detector}")
    for title, items in (("matches any of", rule.patterns), ("removes", rule.removes), ("keeps", rule.keeps)):
        for number, item in enumerate(items):
            click.echo(f"{title + ':' if not number else '':<16}{json.dumps(item, ensure_ascii=False)}")


@rules.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@json_option
@click.pass_context
def test(ctx: click.Context, /, folder: Path, as_json: bool) -> None:
    """Run the examples of the rules in FOLDER: what they remove goes, what they keep stays.

    \b
    Examples:
      corpuskit rules test my-rules/
    """
    from corpuskit.cleaning.proof import check_rules
    from corpuskit.cleaning.rules.loader import load

    builtin = {rule.id for rule in load().rules}
    own = [rule for rule in load((folder,)).rules if rule.id not in builtin]
    wrong = check_rules(own)
    if as_json:
        click.echo(json.dumps({"rules": len(own), "wrong": wrong}, ensure_ascii=False, indent=2))
    else:
        for line in wrong:
            click.echo(f"{click.style('fails', fg='red')} {line}")
        click.echo(f"{len(own)} rules, {len(wrong)} failures", err=True)
    ctx.exit(3 if wrong else 0)


@rules.command()
@click.option("--source", "only", help="Only this source.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help='Write the list to this file, to be edited and pinned: [clean] templates = "…".',
)
@build_options
@json_option
@quiet_option
def suggest(only: str | None, write: Path | None, as_json: bool, quiet: bool, **options: Any) -> None:
    """List the lines that each source repeats over its documents, with counts and samples.

    A build cuts them from the documents of that source, in that zone. Write the list to a file, delete what belongs
    to the texts, and name the file in corpuskit.toml: for its sources it is then the last word.

    \b
    Examples:
      corpuskit rules suggest
      corpuskit rules suggest --source "The Gazette" --json
      corpuskit rules suggest --write templates.toml
    """
    from corpuskit.errors import OutputError
    from corpuskit.run.build import build, plan_of
    from corpuskit.run.templates import suggested

    config, home = configured(**options)
    plan = plan_of(config, home)
    with Bar(quiet, drawn=not as_json) as bar:
        build(plan, "count", bar, say=bar.say)
    found = suggested(plan.store)
    if only is not None:
        found = found.of([only])
    if write:
        try:
            write.write_text(found.to_toml(), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{write}: cannot be written: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in found.entries], ensure_ascii=False, indent=2))
        return
    if not write:
        _tell(found)
    if not quiet:
        many = len({one.source for one in found.entries})
        count = f"{len(found.entries)} lines of {many} source{'' if many == 1 else 's'}"
        click.echo(count + (f" in {write}" if write else ""), err=True)


def _tell(found: Templates) -> None:
    """Print a list of templates by source."""
    source = None
    for one in found.entries:
        if one.source != source:
            source = one.source
            click.echo(click.style(source, bold=True))
        click.echo(f"  {one.zone:<8}{one.documents:>6} of {one.of:<6}{one.confidence:<6g} {one.sample or one.line}")
