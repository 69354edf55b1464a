"""The command line: parse, call one library function, print, map errors to exit codes.

Command modules are imported when their command is used or when help lists it; none imports more than click at its
top, so that `corpuskit --help` answers at once.
"""

from __future__ import annotations

import atexit
import importlib
import os
import signal
import sys
from typing import NoReturn

import click

__all__ = ["cli", "main"]

#: Command and the module below corpuskit.cli that defines it, in the order in which help lists them.
_COMMANDS = {
    "init": "init",
    "build": "stages",
    "ingest": "stages",
    "clean": "stages",
    "enrich": "stages",
    "dedup": "stages",
    "package": "stages",
    "clean-cache": "cache",
    "explain": "explain",
    "rules": "rules",
    "authors": "authors",
    "verify": "folders",
    "diff": "folders",
    "takedown": "takedown",
    "env": "env",
}


class _Lazy(click.Group):
    """A group whose commands are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"corpuskit.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            from corpuskit.errors import nearest

            ctx.fail(f"no command is called {args[0]!r}{nearest(args[0], list(_COMMANDS))}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Lazy,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "CORPUSKIT",
        "max_content_width": 100,
    },
)
@click.version_option(package_name="corpuskit", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Turn a folder of scraped texts into a clean, honest Hugging Face dataset.

    Every character that is removed or changed is accounted for: clean text + ledger = raw text, proved for each
    document of each build.

    \b
    Examples:
      corpuskit init my-corpus     lay out a folder for a corpus of your own
      corpuskit build              turn raw/ into processed/<name>/
      corpuskit explain FILE       show a text with its cuts marked and named
      corpuskit clean in.jsonl -o out.jsonl
                                   clean the texts of a JSON Lines file

    \b
    Exit codes:
      0  done
      1  failed, or nothing was left to publish
      2  wrong usage or configuration, or what an option or argument names is not there
      3  done, but something needs a look (quarantined or held documents, a failed check)
      130, 143  stopped by Ctrl-C or SIGTERM; the next run goes on
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    elif os.environ.get("FORCE_COLOR"):
        ctx.color = True


def _leave(number: int, _: object) -> None:
    """Leave as Ctrl-C does when a scheduler says that time is up: workers are ended, what is done stays."""
    raise SystemExit(128 + number)


class _Ending:
    """Ends the process where the interpreter would be taken down, which takes a tenth of the time of a small build."""

    def __init__(self) -> None:
        self.code = 1
        atexit.register(self.now)  # the first of all: so it is called last, when all else is closed

    def now(self, code: object = None) -> None:
        """End with this exit code, or the one noted; what nobody has closed is lost."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else self.code)


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    from corpuskit.errors import CorpuskitError, plainly
    from corpuskit.process import settle

    settle()
    end = _Ending()
    signal.signal(signal.SIGTERM, _leave)
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("interrupted; the next run goes on where this one stopped", err=True)
        end.now(130)
    except SystemExit as left:
        end.now(left.code)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except CorpuskitError as error:
        click.echo(f"{click.style('error:', fg='red')} {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        click.echo(f"{click.style('error:', fg='red')} {plainly(error)}", err=True)
        code = 1
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "start new thread" not in str(error):
            raise  # a thread that has no memory for its stack is no more than that
        click.echo(f"{click.style('error:', fg='red')} memory ran out; give the process more, and run again", err=True)
        code = 1
    end.code = code if isinstance(code, int) else 0
    sys.exit(end.code)
