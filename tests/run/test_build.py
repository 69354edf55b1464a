"""The build as a whole: laws 0, 3 and 4 on raw/, resuming, and what a change redoes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from corpuskit import text as positions
from corpuskit.cli import cli
from corpuskit.config import BuildOptions, Config
from corpuskit.errors import CorpuskitError, InputError, OutputError
from corpuskit.model import Document
from corpuskit.run.build import Built, build, plan_of, planned
from corpuskit.run.store import Store
from corpuskit.sources import Options, discover, encode_back, load_sources, read


def run(raw: Path, home: Path, workers: int = 1, until: str = "package") -> Built:
    """Build `raw` into `home`."""
    config = Config(build=BuildOptions(raw=str(raw), processed=str(home), workers=workers))
    return build(plan_of(config, home), until)


def digest(folder: Path) -> str:
    """All bytes of a dataset folder."""
    taken = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        taken.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return taken.hexdigest()


@pytest.fixture(scope="module")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """raw/, built in this process."""
    return run(repository / "raw", tmp_path_factory.mktemp("one"))


def test_everything_read_is_accounted_for(built: Built) -> None:
    """Law 3: read = kept + dropped + quarantined; the empty and the binary file are in quarantine."""
    funnel = built.funnel
    assert funnel is not None
    assert funnel.read == funnel.kept + funnel.merged + funnel.held + funnel.filtered + funnel.quarantined
    assert sorted((row.reason, row.path) for row in built.quarantined) == [
        ("binary", "paper-boat/cover-image.txt"),
        ("empty", "harbour-gazette/blank-page.txt"),
    ]


def test_the_copies_hang_on_their_originals(built: Built) -> None:
    """The exact copy, the edited copy and the excerpt are attached to the text that holds them, and nothing else is."""
    paths = {row["id"]: row["path"] for row in pq.read_table(built.folder / "data").to_pylist()}
    found = {
        (row["kind"], row["member_path"], paths[row["kept"]])
        for row in pq.read_table(built.folder / "clusters").to_pylist()
    }
    assert found == {
        ("exact", "kiosk-am-eck/the-ferry-that-waits.txt", "lantern-review/the-ferry-that-waits.txt"),
        ("near", "paper-boat/the-number-forty.txt", "harbour-gazette/night-bus.txt"),
        ("contained", "kiosk-am-eck/leseprobe.txt", "neue-fluchtlinie/parzelle-siebzehn.txt"),
    }


def test_published_dates_are_iso(built: Built) -> None:
    """A date that a rule took from the text as it was written there is published in ISO 8601."""
    rows = pq.read_table(built.folder / "data").to_pylist()
    dates = [row[name] for row in rows for name in ("date_published", "date_modified") if row[name]]
    assert len(dates) > 15
    assert [date for date in dates if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", date)] == []


def test_the_kept_document_inherits_what_its_copies_say(built: Built) -> None:
    """Sources and authors of the copies stand in the kept document's evidence, with origin copy, and change no field."""
    rows = {row["path"]: row for row in pq.read_table(built.folder / "data").to_pylist()}
    kept = rows["harbour-gazette/night-bus.txt"]
    inherited = {(one["field"], one["value"]) for one in kept["evidence"] if one["origin"] == "copy"}
    assert ("source", "Paper Boat") in inherited
    assert not any(one["chosen"] for one in kept["evidence"] if one["origin"] == "copy")
    assert [copy["kind"] for copy in kept["copies"]] == ["near"]


def test_two_workers_and_shuffled_files_give_the_same_bytes(built: Built, repository: Path, tmp_path: Path) -> None:
    """Law 4: the dataset's bytes depend neither on the number of workers nor on the order on disk."""
    shuffled = tmp_path / "raw"
    for path in sorted((repository / "raw").rglob("*"), reverse=True):
        if path.is_file():
            target = shuffled / path.relative_to(repository / "raw")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            os.utime(target, (0, 0))
    again = run(shuffled, tmp_path / "out", workers=2)
    assert digest(again.folder) == digest(built.folder)


def test_a_second_build_does_nothing(repository: Path, tmp_path: Path) -> None:
    """What is up to date is not done again, and its bytes stay."""
    first = run(repository / "raw", tmp_path)
    before = digest(first.folder)
    second = run(repository / "raw", tmp_path)
    assert (second.ran, second.packaged, digest(second.folder)) == (0, False, before)


def test_a_changed_file_redoes_its_bucket_alone(repository: Path, tmp_path: Path) -> None:
    """Adding, changing and removing a file redoes ingest for the bucket of that file and no other."""
    raw = tmp_path / "raw"
    shutil.copytree(repository / "raw", raw)
    run(raw, tmp_path / "out", until="enrich")
    victim = raw / "harbour-gazette" / "night-bus.txt"
    text = victim.read_bytes()
    for change in (
        lambda: victim.write_bytes(text + b"\nOne more line.\n"),
        victim.unlink,
        lambda: victim.write_bytes(text),
    ):
        change()
        again = run(raw, tmp_path / "out", until="enrich")
        # of one bucket: ingest, sight and select templates, clean, weigh losses, enrich, fates; over all: the check of ids,
        # what learns and decides templates, the loss budget
        assert again.ran <= 11, again
        assert again.reused >= 3 * 7, again  # of the seven other buckets nothing


def test_a_folder_damaged_by_hand_is_written_anew(repository: Path, tmp_path: Path) -> None:
    """The dataset that stands there counts as up to date only while its bytes are those that were written."""
    first = run(repository / "raw", tmp_path)
    before = digest(first.folder)
    (first.folder / "README.md").write_text("gone\n- corpuskit\n")
    assert run(repository / "raw", tmp_path).packaged
    assert digest(first.folder) == before


def test_bytes_come_back(repository: Path) -> None:
    """Law 0: encoding the raw text back gives the bytes of the file, or the document says that it cannot."""
    root = repository / "raw"
    declared = load_sources(root / "sources.toml")
    seen = 0
    for file in discover(root, Options()):
        for found in read(root, file, declared, Options()):
            if isinstance(found, Document):
                back = hashlib.sha256(encode_back(found)).hexdigest()
                assert found.provenance.lossy or back == found.provenance.bytes_sha256, file.path
                seen += 1
    assert seen > 20


def test_published_ledgers_restore_every_raw_text(built: Built, repository: Path) -> None:
    """Law 1 on what is published: clean text and ledger give the raw text whose hash stands in the row."""
    from corpuskit.model import Edit

    edits: dict[str, list[Edit]] = {}
    for row in pq.read_table(built.folder / "removed").to_pylist():
        one = {name: row[name] for name in ("rule", "start", "end", "removed", "inserted", "evidence", "confidence")}
        edits.setdefault(row["id"], []).append(Edit(**one))
    for row in pq.read_table(built.folder / "data").to_pylist():
        raw = positions.restore(row["text"], edits.get(row["id"], []))
        assert hashlib.sha256(raw.encode()).hexdigest() == row["raw_sha256"]
        assert positions.apply(raw, edits.get(row["id"], [])) == row["text"]


def test_a_killed_build_goes_on(repository: Path, tmp_path: Path, built: Built) -> None:
    """A build that is killed at any stage continues, and gives the same bytes."""
    for until in ("ingest", "clean", "dedup"):
        run(repository / "raw", tmp_path, until=until)
        (tmp_path / ".build" / "essays" / "work" / "half-written").mkdir(parents=True, exist_ok=True)
    assert digest(run(repository / "raw", tmp_path).folder) == digest(built.folder)


def test_two_builds_of_one_dataset_do_not_meet(repository: Path, tmp_path: Path) -> None:
    """The second build of the same dataset waits while the first holds the lock, and not for ever."""
    store = Store(tmp_path / ".build" / "essays")
    with store.locked(), pytest.raises(CorpuskitError, match="another build"), Store(store.root).locked(patience=0):
        pytest.fail("two hold one lock")
    with store.locked(patience=0):
        pass


def test_a_build_that_waits_for_one_that_fails_has_the_lock(tmp_path: Path) -> None:
    """The folder goes with the first, which made it and left nothing there: the other locks what it makes anew."""
    store = Store(tmp_path / "out" / ".build" / "essays")
    there, go_on = threading.Event(), threading.Event()

    def second() -> None:
        with Store(store.root).locked(patience=60.0):
            there.set()
            go_on.wait(60.0)

    def first() -> None:
        with store.locked():
            other.start()
            assert not there.wait(0.2)
            raise InputError("no texts")

    other = threading.Thread(target=second)
    with pytest.raises(InputError):
        first()
    assert there.wait(60.0)
    with pytest.raises(CorpuskitError, match="another build"), store.locked(patience=0):
        pytest.fail("two hold one lock")
    go_on.set()
    other.join()


@pytest.mark.parametrize("command", ["build --raw nosuch", "package nosuch.jsonl", "package no.jsonl"])
def test_a_command_that_fails_at_once_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Not what it had made for itself, and no folder that was not there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "no.jsonl").write_text("this is no row\n")
    for processed, left in (("out", []), ("there/out", ["there"])):
        (tmp_path / processed).parent.mkdir(exist_ok=True)
        assert CliRunner().invoke(cli, [*command.split(), "--processed", processed]).exit_code in (1, 2)
        assert sorted(path.name for path in tmp_path.rglob("*")) == ["no.jsonl", *left]


def test_packaging_tells_how_far_it_is(tmp_path: Path) -> None:
    """Documents while data is written, and what is done behind that, which has no share."""
    (tmp_path / "raw").mkdir()
    for name in ("ash", "birch"):
        (tmp_path / "raw" / f"{name}.txt").write_text(f"The {name} was cut in March.\nNobody remembers who planted it.\n")
    told: list[tuple[object, ...]] = []
    options = BuildOptions(raw=str(tmp_path / "raw"), processed=str(tmp_path), workers=1)
    build(plan_of(Config(build=options), tmp_path), progress=lambda *said: told.append(said))
    assert [said[1:] for said in told if said[0] == "package"] == [
        (0, 0, 0, "essays"),
        (0, 2, 0, "data"),
        (0, 0, 0, "what was removed"),
        (0, 0, 0, "proof that it loads"),
        (2, 2, 2, ""),
    ]


def test_missing_input_and_unwritable_output_are_one_line(tmp_path: Path) -> None:
    """No input, no texts, no place to write: an error of its own kind, naming the path."""
    with pytest.raises(InputError, match="no such folder"):
        run(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match="no texts"):
        run(tmp_path / "raw", tmp_path / "out")
    (tmp_path / "raw" / "a.txt").write_text("A text, short but whole.")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="file"):
        run(tmp_path / "raw", tmp_path / "file")


def test_a_persons_folder_in_the_way_is_told_before_the_work(tmp_path: Path) -> None:
    """And not behind hours of cleaning."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("A text, short but whole.")
    (tmp_path / "out" / "essays").mkdir(parents=True)
    (tmp_path / "out" / "essays" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="essays: is not a dataset folder that corpuskit wrote; move it away"):
        run(tmp_path / "raw", tmp_path / "out")
    assert not (tmp_path / "out" / ".build").exists()


def test_a_full_disk_is_told_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for the small files that the build writes itself: the system names none where a write fails."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("A text, short but whole.")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=rf"^{tmp_path}/out/.build/essays/inputs\.lst: cannot be written: No space left on"):
        run(tmp_path / "raw", tmp_path / "out")


def test_nothing_kept_writes_nothing(tmp_path: Path) -> None:
    """A build of which nothing is left says so and leaves no dataset folder."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("Advertisement\n")
    with pytest.raises(InputError, match="nothing to publish"):
        run(tmp_path / "raw", tmp_path / "out")
    assert not (tmp_path / "out" / "essays").exists()


def test_datasets_loads_it_in_a_fresh_process(built: Built, tmp_path: Path) -> None:
    """`load_dataset` on the folder gives the rows, as a user calls it."""
    code = f"import datasets; d = datasets.load_dataset({str(built.folder)!r}); print(d['train'].num_rows)"
    environment = {
        **os.environ,
        "HF_HOME": str(tmp_path),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert built.funnel is not None
    assert done.stdout.strip() == str(built.funnel.kept)


def test_large_files_in_parts_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file of many rows becomes several tasks and shards, here by small limits, and the dataset stays as it was."""
    import json

    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [{"text": f"Row {n} tells of {n} boats.\nNobody counted them before {n}.", "site": "quay"} for n in range(60)]
    rows[40]["text"] = rows[3]["text"]
    (raw / "boats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (raw / "note.txt").write_text("The harbour was empty that morning.\nThen it was not.\n")
    whole = run(raw, tmp_path / "whole")
    monkeypatch.setattr("corpuskit.run.inputs._PART_BYTES", 500)
    monkeypatch.setattr("corpuskit.tasks.ingest._SHARD_ROWS", 3)
    cut = run(raw, tmp_path / "cut")
    assert cut.ran > whole.ran + 8
    assert digest(cut.folder) == digest(whole.folder)
    assert run(raw, tmp_path / "cut").ran == 0


def test_names_that_stand_twice_stop_no_build(tmp_path: Path) -> None:
    """Two members of one name, two spellings of one file name: the second is in quarantine, with any number of workers."""
    import io
    import tarfile

    raw = tmp_path / "raw"
    raw.mkdir()
    with tarfile.open(raw / "p.tar", "w") as tar:
        for text in ("The ferry left at nine and nobody waved.", "Another text, appended much later on."):
            info = tarfile.TarInfo("m.txt")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    (raw / "\u00e9.txt").write_text("A lamp burned in the harbour office all night.")
    (raw / "e\u0301.txt").write_text("Nobody had asked the keeper to let it burn.")
    built = [run(raw, tmp_path / str(workers), workers) for workers in (1, 2)]
    for one in built:
        assert one.funnel is not None
        assert (one.funnel.read, one.funnel.kept, one.funnel.quarantined) == (4, 2, 2)
        assert [(row.path, row.record, row.reason) for row in one.quarantined] == [
            ("p.tar", "m.txt", "same-name"),
            ("\u00e9.txt", "", "same-name"),
        ]
    assert digest(built[0].folder) == digest(built[1].folder)


def test_a_file_name_that_is_not_utf8_is_quarantined(tmp_path: Path) -> None:
    """Such a name stops neither a build nor its plan, also where it is that of a folder."""
    raw = tmp_path / "raw"
    (raw / os.fsdecode(b"old-\xfe")).mkdir(parents=True)
    for name in (b"bad-\xff.txt", b"old-\xfe/x.txt", b"good.txt"):
        (raw / os.fsdecode(name)).write_text("The ferry left at nine and nobody waved.")
    config = Config(build=BuildOptions(raw=str(raw), processed=str(tmp_path / "out")))
    assert planned(plan_of(config, tmp_path)).due
    built = run(raw, tmp_path / "out")
    assert built.funnel is not None
    assert built.funnel.kept == 1
    assert [(row.path, row.reason) for row in built.quarantined] == [
        (r"bad-\xff.txt", "bad-name"),
        (r"old-\xfe/x.txt", "bad-name"),
    ]
    assert run(raw, tmp_path / "out").ran == 0


def test_a_link_to_a_text_is_no_second_text(tmp_path: Path) -> None:
    """A link within the input is passed over and told, and the build needs no look for it."""
    raw = tmp_path / "raw"
    (raw / "best").mkdir(parents=True)
    (raw / "a.txt").write_text("The ferry left at nine and nobody waved.")
    (raw / "best" / "one.txt").symlink_to("../a.txt")
    built = run(raw, tmp_path / "out")
    assert built.funnel is not None
    assert (built.funnel.read, built.links, built.needs_a_look) == (1, (("best/one.txt", "a.txt"),), False)
    assert "1 file was read and 1 link to one of them was passed over;" in (built.folder / "README.md").read_text()


@pytest.mark.parametrize(("raw", "output"), [(".", "processed"), (".", "made/here"), (".", "."), (".", "link"), ("in/..", "out")])
def test_a_build_does_not_read_what_it_wrote(raw: str, output: str, tmp_path: Path) -> None:
    """The output folder within the input folder is no input, also by a link, and where one folder is both."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("The ferry left at nine and nobody waved.")
    (tmp_path / "b.txt").write_text("A lamp burned in the harbour office all night.")
    if output == "link":
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
    for _ in range(3):
        config = Config(build=BuildOptions(raw=raw, processed=output))
        built = build(plan_of(config, tmp_path))
        assert built.funnel is not None
        assert (built.funnel.read, built.funnel.kept) == (2, 2)
    assert built.ran == 0
