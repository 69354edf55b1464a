"""Tasks whose inputs are the outputs of other tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from corpuskit.run import digests
from corpuskit.run.engine import Task

__all__ = ["from_outputs"]


def from_outputs(
    stage: str,
    label: str,
    function: str,
    inputs: Mapping[str, Sequence[Path]],
    options: object,
    code: tuple[str, ...],
    libraries: tuple[str, ...] = (),
    further: str = "",
) -> Task:
    """Return a task over outputs of others: their file names are their digests. `further` is what else counts."""
    names = {name: [path.name for path in paths] for name, paths in inputs.items()}
    return Task(
        stage=stage,
        label=label,
        function=function,
        inputs=tuple((name, tuple(str(path) for path in paths)) for name, paths in inputs.items()),
        digest=digests.of_value([names, further]),
        options=options,
        code=code,
        libraries=("pyarrow", *libraries),
    )
