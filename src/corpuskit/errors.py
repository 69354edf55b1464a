"""What can go wrong, as a tree.

    CorpuskitError            anything that corpuskit itself reports; the command line prints it as one line
    ├── UsageError            the call or the configuration is wrong (exit code 2)
    │   └── ConfigError       a key, value or file of the configuration, with the nearest known key
    ├── RuleError             a rule file that does not load or does not pass its own examples (exit code 2)
    ├── InputError            an input folder or file that cannot be used at all (exit code 1)
    │   ├── MissingError      one that an option or argument names, and that is not there (exit code 2)
    │   └── DamagedError      outputs of an earlier build that have lost their bytes; a build makes them again (exit code 1)
    ├── OutputError           an output that cannot be written (exit code 1)
    ├── LawError              a proof of the account failed; nothing is written (exit code 1)
    └── VerifyError           a dataset folder that does not load or does not hold what it says (exit code 3)

A single unreadable *record* is never an exception that leaves a stage: it is a `Quarantined` (see `model`).
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "CorpuskitError",
    "DamagedError",
    "InputError",
    "LawError",
    "MissingError",
    "OutputError",
    "RuleError",
    "UsageError",
    "VerifyError",
    "nearest",
    "plainly",
]


class CorpuskitError(Exception):
    """An error with a message for a person: what, where, and what to do about it."""

    exit_code = 1


class UsageError(CorpuskitError):
    """The call is wrong: an option, an argument, a combination of them."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file, table, key or value is wrong."""


class RuleError(CorpuskitError):
    """A rule file does not load, or a rule does not pass its own examples."""

    exit_code = 2


class InputError(CorpuskitError):
    """An input as a whole cannot be used."""


class MissingError(InputError):
    """What an option or an argument names is not there, or is something else than it must be."""

    exit_code = 2


class DamagedError(InputError):
    """Outputs of earlier builds whose bytes are not those that their names promise: a disk, or a power cut, has taken some."""

    def __init__(self, place: str, files: tuple[str, ...]) -> None:
        """`place` is the path or URL of the first of `files`, which are named as they are below objects/."""
        super().__init__(place, files)  # both, so that it is made again as it was behind the way from a worker
        self.place = place
        self.files = files

    def __str__(self) -> str:
        more = f" (and {len(self.files) - 1} others)" if len(self.files) > 1 else ""
        return f"{self.place}{more}: the bytes are not those that its name promises; a build makes it again"


class OutputError(CorpuskitError):
    """An output cannot be written."""


class LawError(CorpuskitError):
    """The account does not add up: a defect of corpuskit, never of the input."""


class VerifyError(CorpuskitError):
    """A dataset folder does not load, or does not hold what it says."""

    exit_code = 3


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return `` (did you mean 'x'?)`` for the known word nearest to `word`, or an empty string."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def plainly(error: OSError) -> str:
    """Return what an error says, with its file: of the system as a sentence, of libraries, which may only hold a path, with
    its kind.
    """
    if error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0].rstrip('.')}"
