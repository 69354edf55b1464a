"""env: versions, for a bug report."""

from __future__ import annotations

import json
import platform
import sys

import click

from corpuskit.cli.options import json_option

__all__ = ["env"]

_LIBRARIES = ("click", "datasets", "ftfy", "google-re2", "huggingface_hub", "langdetect", "numpy", "orjson",
              "py3langid", "pyarrow", "pyyaml", "zstandard", "charset-normalizer")  # fmt: skip


@click.command()
@json_option
def env(as_json: bool) -> None:
    """Print the versions that a bug report needs.

    \b
    Examples:
      corpuskit env
    """
    from corpuskit import __version__
    from corpuskit.run.digests import versions

    said = {
        "corpuskit": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        **dict(versions(*_LIBRARIES)),
    }
    if as_json:
        click.echo(json.dumps(said, indent=2))
        return
    for name, value in said.items():
        click.echo(f"{name:<20} {value or '(not installed)'}")
