"""A task: one piece of work, its key, and the account of what the key covers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.run import digests
from corpuskit.sources import Seen
from corpuskit.tasks.spared import Spared

__all__ = ["Account", "Task", "differences", "from_outputs"]

#: What a key covers, name by name: {"inputs": {…}, "options": {…}, "code": {…}, "libraries": {…}}.
Account = Mapping[str, Mapping[str, str]]

_SPARED = "spared "  # stands in an account before what a task leaves alone
_LONGEST = 80  # characters of an option's value that an account keeps; of longer ones it keeps a digest


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work. The key is derived: same function, inputs, options, code and versions, same key."""

    stage: str
    label: str  #: for people, and the same from build to build: "bucket 3 of 8"
    function: str  #: "module:name" below corpuskit.tasks; with a dot in it, from anywhere
    inputs: tuple[tuple[str, tuple[str, ...]], ...]  #: name, paths
    digests: tuple[tuple[str, str], ...]  #: of the inputs' contents, each under the name that a person knows it by
    options: Any  #: a frozen dataclass, or a tuple of them
    code: tuple[str, ...]  #: parts of the package it runs
    libraries: tuple[str, ...] = ()  #: distributions whose version counts
    outputs: tuple[str, ...] = ()  #: names it must produce
    sought: tuple[str, ...] = ()  #: inputs of which it reads stretches here and there, so that none is brought whole
    root: str = ""  #: path or URL of the input folder; where it lies changes nothing, so the key does not hold it
    seen: tuple[Seen, ...] = ()  #: the files that it reads below `root`; their digests stand among `digests`, for the key
    spared: tuple[Spared, ...] = ()  #: documents and files that it leaves alone
    documents: int = 0  #: how many it goes through, where that is known; this and `bytes` only tell how much is left
    bytes: int = 0  #: of input files

    @property
    def key(self) -> str:
        """The digest of all that the outputs depend on."""
        return digests.of_value(
            [
                self.stage,
                self.function,
                [name for name, _ in self.inputs],
                self.digests,
                self.options,
                digests.of_code("tasks", *self.code),
                digests.versions(*self.libraries),
                *([self.spared] if self.spared else []),
            ]
        )[:40]

    @property
    def slot(self) -> str:
        """What the task is, whatever its key: the same piece of work in another build has the same slot."""
        return f"{self.stage}/{self.function}/{self.label}"

    @property
    def account(self) -> Account:
        """What the key covers, for saying later what has changed."""
        return {
            "inputs": dict(self.digests),
            "options": dict(_flat("", self.options)) | {_SPARED + one.what: str(one) for one in self.spared},
            "code": dict(digests.of_code("tasks", *self.code)),
            "libraries": dict(digests.versions(*self.libraries)),
        }


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the leaves of an options object as (dotted name, value), in order."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            if one.name == "declared":
                yield "sources.toml", getattr(value, one.name).digest
            elif one.name not in ("files", "own"):  # of ingest and clean: they stand among the inputs
                yield from _flat(f"{path}.{one.name}" if path else one.name, getattr(value, one.name))
    elif value is not None:
        said = digests.said(value)
        yield path, said if len(said) <= _LONGEST else digests.of_value(value)[:16]


def from_outputs(
    stage: str,
    label: str,
    function: str,
    inputs: Mapping[str, Sequence[Path]],
    options: object,
    code: tuple[str, ...],
    libraries: tuple[str, ...] = (),
    further: Sequence[tuple[str, str]] = (),
) -> Task:
    """Return a task over outputs of others: their file names are their digests. `further` is what else counts."""
    return Task(
        stage=stage,
        label=label,
        function=function,
        inputs=tuple((name, tuple(str(path) for path in paths)) for name, paths in inputs.items()),
        digests=(
            *((name, digests.of_value([path.name for path in paths])) for name, paths in inputs.items()),
            *further,
        ),
        options=options,
        code=code,
        libraries=("pyarrow", *libraries),
    )


def differences(old: Account, new: Account) -> list[str]:
    """Return what has changed between two accounts of one slot, in words; the most telling first."""
    found: list[str] = []
    for group, said in (("inputs", _input), ("options", _option), ("code", _code), ("libraries", _library)):
        before, after = old.get(group, {}), new.get(group, {})
        names = sorted(set(before) | set(after))
        found += [said(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]
    return found


def _input(name: str, before: str | None, after: str | None) -> str:
    return f"{name} is {'new' if before is None else 'gone' if after is None else 'changed'}"


def _option(name: str, before: str | None, after: str | None) -> str:
    if name == "sources.toml":
        return f"{name} changed"
    if name.startswith(_SPARED):
        return f"{name.removeprefix(_SPARED)} is {'tried again' if after is None else 'left alone'}"
    return f"option {name}: {_shown(before)} → {_shown(after)}"


def _shown(value: str | None) -> str:
    if value is None:
        return "absent"
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, str) and read else value


def _code(name: str, before: str | None, after: str | None) -> str:
    del before, after
    return f"{name} changed"


def _library(name: str, before: str | None, after: str | None) -> str:
    return f"{name} {before or 'absent'} → {after or 'absent'}"
