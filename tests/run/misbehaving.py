"""Tasks that die, hang, eat memory or fail, for the engines to cope with."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pyarrow as pa

from corpuskit.errors import DamagedError, LawError
from corpuskit.sources import InputFile
from corpuskit.tasks import ingest, shards
from corpuskit.tasks.job import Job

#: What a worker that is to be sabotaged runs first: `kill` with these arguments.
SABOTAGE = "from {module} import kill; kill({name!r}, {offset}); "

ROWS = pa.schema([("id", pa.string())])


def shard(path: Path, ids: list[str]) -> Path:
    """Write documents of which only the ids matter."""
    batches = [pa.record_batch([pa.array(ids[at : at + 4], pa.string())], schema=ROWS) for at in range(0, len(ids), 4)]
    shards.write(path, ROWS, batches)
    return path


def copy(job: Job) -> int:
    """Write the ids of `documents` that are not spared; do at each what its name says."""
    kept: list[str] = []
    with (job.out / "ids.txt").open("w") as out:
        for (batch,), spared in job.steps((batch,) for batch in shards.batches(job.one("documents"))):
            for id_ in batch.column("id").to_pylist():
                if not spared:
                    _meet(id_, job)
                    kept.append(id_)
                    out.write(id_ + "\n")
    return len(kept)


def _meet(id_: str, job: Job) -> None:
    if id_.rstrip("0123456789") == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif id_ == "die-once":
        flag = Path(job.options)
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif id_ == "hang":
        time.sleep(1000)
    elif id_ == "eat":
        held = []
        while True:
            held.append(bytearray(os.urandom(1 << 20) * 32))
            time.sleep(0.02)
    elif id_ == "starve":
        raise MemoryError
    elif id_ == "fail":
        raise LawError("the account does not add up")
    elif id_ == "damaged":
        raise DamagedError("s3://a/b.bin", ("b.bin",))
    elif id_.startswith("crash"):
        raise ZeroDivisionError("nobody expected this")


def die(job: Job) -> int:
    """Die at once, whatever the input."""
    os.kill(os.getpid(), signal.SIGKILL)
    return len(job.inputs)


def kill(name: str, offset: int) -> None:
    """Make ingest, in this process, die when it calls `name` for the part of a file that holds `offset`, or for all of it."""
    sound = getattr(ingest, name)

    def deadly(root: object, file: InputFile, *rest: object) -> object:
        if file.part is None or file.part.start <= offset < file.part.stop:
            os.kill(os.getpid(), signal.SIGKILL)
        return sound(root, file, *rest)

    setattr(ingest, name, deadly)


def crash(job: Job) -> int:
    """Fail at once, whatever the input."""
    return len(job.inputs) // 0


def stand(job: Job) -> int:
    """Give no sign of life at the first document, until the file that the options name is there."""
    done = 0
    for (batch,), _ in job.steps((batch,) for batch in shards.batches(job.one("documents"))):
        done += len(batch)
        until = time.monotonic() + 60
        while not Path(job.options).exists() and time.monotonic() < until:
            time.sleep(0.01)
    (job.out / "ids.txt").write_text(f"{done}")
    return done


def wait(job: Job) -> int:
    """Go through the documents one by one; go on behind each only when the file that the options name is there."""
    done = 0
    for (batch,), _ in job.steps((batch,) for batch in shards.batches(job.one("documents"))):
        for id_ in batch.column("id").to_pylist():
            done += 1
            until = time.monotonic() + 60
            while not Path(job.options).exists() and time.monotonic() < until:
                job.note(id_, "the source", done)
                time.sleep(0.01)
    (job.out / "ids.txt").write_text(f"{done}")
    return done
