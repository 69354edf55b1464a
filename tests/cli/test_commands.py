"""The command line: help, exit codes, messages, and that a command does what the library does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpuskit.cli import _COMMANDS, cli


def run(*arguments: str, cwd: Path | None = None, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "corpuskit", *arguments], cwd=cwd, input=stdin, capture_output=True, check=False
    )


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_every_command_has_help_with_examples(name: str) -> None:
    """Each command explains itself and shows how it is called."""
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"corpuskit {name}" in result.output


def test_the_list_of_commands_breaks_nothing_off() -> None:
    """What each command does is said to its end on a terminal of 80 columns."""
    listed = CliRunner().invoke(cli, ["--help"], terminal_width=80).output.partition("Commands:")[2]
    assert listed.count("\n") == len(_COMMANDS) + 1
    assert "..." not in listed


def test_an_unknown_command_names_the_nearest(tmp_path: Path) -> None:
    """A slip of the pen costs one line and exit code 2."""
    done = run("biuld", cwd=tmp_path)
    assert (done.returncode, b"did you mean 'build'?" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[clean]\ntreshold = 'careful'\n", "did you mean 'threshold'?"),
        ("[clen]\n", "did you mean 'clean'?"),
        ("[clean]\nthreshold = 'carefull'\n", "did you mean 'careful'?"),
        ("[build]\nworkers = 'two'\n", "a whole number is wanted"),
        ("[clean]\ndisable = 'promo'\n", "a list is wanted"),
        ("[ingest.columns]\ntxt = 'body'\n", "did you mean 'text'?"),
        ("[package]\nversion = '1.0'\n", "x.y.z"),
        ("[clean]\ndisable = ['encoding']\n", "'encoding' cannot be left out"),
        ("[ingest.limits]\nratio = -1\n", "[ingest.limits] ratio = -1: 1 or more"),
        ("[ingest.limits]\nmembers = 0\n", "[ingest.limits] members = 0: 1 or more"),
        ("[ingest.limits]\nnesting = -2\n", "[ingest.limits] nesting = -2: 0 or more"),
        ("[ingest.limits]\ndocument_bytes = -5\n", "[ingest.limits] document_bytes = -5: 1 or more"),
        ("build = 3\n", "a table is wanted"),
        ("[build\n", "corpuskit.toml"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_code_2(tmp_path: Path, toml: str, message: str) -> None:
    """The message names the file, what is wrong and the nearest known key; there is no traceback."""
    (tmp_path / "corpuskit.toml").write_text(toml)
    done = run("build", cwd=tmp_path)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert message in said
    assert "corpuskit.toml" in said
    assert "Traceback" not in said


def test_a_missing_input_folder_is_one_line(tmp_path: Path) -> None:
    """The message names the folder and what to do; exit code 2."""
    done = run("build", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().strip().count("\n") == 0
    assert b"no such folder" in done.stderr


@pytest.mark.parametrize(
    ("toml", "code", "message"),
    [
        ("[clean]\ndisable = ['promo.en.nope']", 2, "[clean] disable: no rule is called 'promo.en.nope'"),
        ("[build]\nraw = 'nope'", 2, "[build] raw: nope: there is no such folder"),
        ("[dedup]\nagainst = ['nope']", 2, "[dedup] against: nope: is no dataset folder"),
        ("[decontaminate]\nagainst = ['quiz.jsonl']\ncolumn = 'nope'", 2, "[decontaminate] column = 'nope': quiz.jsonl"),
        ("[filter]\ndrop = ['words > 0']", 1, "nothing to publish"),
    ],
)
def test_what_an_option_names_wrongly_is_its_own_exit_code(tmp_path: Path, toml: str, code: int, message: str) -> None:
    """2 for what is written wrongly, 1 for a build of which nothing is left."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("The tide table hung by the door, and nobody read it.")
    (tmp_path / "quiz.jsonl").write_text('{"question": "Who read the tide table that hung by the door?"}\n')
    (tmp_path / "corpuskit.toml").write_text(toml)
    done = run("build", cwd=tmp_path)
    assert (done.returncode, message in done.stderr.decode()) == (code, True), done.stderr


def test_a_source_whose_files_match_nothing_is_told(tmp_path: Path) -> None:
    """It may be a slip of the pen, or of files that come later: exit code 0."""
    (tmp_path / "raw" / "mill").mkdir(parents=True)
    (tmp_path / "raw" / "mill" / "a.txt").write_text("The tide table hung by the door, and nobody read it.")
    sources = [f"[[source]]\nname = '{name}'\nfiles = '{name}/**'\n" for name in ("mill", "quay")]
    (tmp_path / "raw" / "sources.toml").write_text("".join(sources) + "[[source]]\nname = 'by name'\n")
    for _ in range(2):
        done = run("build", cwd=tmp_path)
        assert done.returncode == 0
        assert b"source 'quay' of sources.toml" in done.stderr
        assert b"'mill'" not in done.stderr


def test_clean_as_a_filter_keeps_every_column_and_the_account(tmp_path: Path) -> None:
    """Columns pass through, text is replaced, edits give the raw text back, bad rows are named and the rest goes on."""
    rows = [
        {"id": 1, "text": "Advertisement\nThe tide table hung by the door.\n", "mood": {"deep": [1, None]}},
        {"id": 2, "text": "Nothing here is too much."},
    ]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows) + b'{"id": 3, "text": 7}\nnot json\n'
    done = run("clean", "-", stdin=data, cwd=tmp_path)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3
    assert [(row["id"], row["text"], row["status"]) for row in out] == [
        (1, "The tide table hung by the door.\n", "clean"),
        (2, "Nothing here is too much.", "clean"),
    ]
    assert out[0]["mood"] == {"deep": [1, None]}
    edit = out[0]["edits"][0]
    assert edit["removed"] + out[0]["text"] == rows[0]["text"]
    assert rows[0]["text"][edit["start"] : edit["end"]] == edit["removed"]
    assert b"row 3" in done.stderr
    assert b"row 4" in done.stderr


def test_filters_write_a_file_whole_or_not_at_all(tmp_path: Path) -> None:
    """An input that cannot be read leaves no output file behind."""
    done = run("clean", str(tmp_path / "missing.jsonl"), "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_filters_in_a_pipe_find_fields_and_copies(tmp_path: Path) -> None:
    """clean | enrich | dedup: a byline becomes an author, and a copy hangs on its original."""
    body = " ".join(f"The {n}th lamp of the long quay went out before the others did." for n in range(30))
    rows = [
        {"id": "a", "text": f"The Long Quay\n\nBy Mara Voss\n\n{body}\n"},
        {"id": "b", "text": f"{body}\n"},
        {"id": "c", "text": "Quite another matter, told in a few words of its own."},
    ]
    cleaned = run("clean", "-", stdin=b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    enriched = run("enrich", "-", stdin=cleaned.stdout)
    fields = [json.loads(line) for line in enriched.stdout.splitlines()]
    assert fields[0]["authors"] == ["Mara Voss"]
    assert {row["language"] for row in fields[:2]} == {"en"}
    clusters = [json.loads(line) for line in run("dedup", "-", stdin=enriched.stdout).stdout.splitlines()]
    assert [(row["kept"], row["members"]) for row in clusters] == [("a", ["a", "b"])]


def test_init_lays_out_a_corpus_whose_make_works(tmp_path: Path) -> None:
    """`corpuskit init DIR`, then `make` in it, gives a dataset; a second make does nothing, and an empty file breaks none."""
    assert run("init", str(tmp_path / "letters")).returncode == 0
    command = [f"CORPUSKIT={sys.executable} -m corpuskit"]
    first = subprocess.run(["make", *command], cwd=tmp_path / "letters", capture_output=True, check=True)
    assert (tmp_path / "letters" / "processed" / "letters" / "data").is_dir(), first
    second = subprocess.run(["make", *command], cwd=tmp_path / "letters", capture_output=True, check=True)
    assert b"nothing to do" in second.stderr
    (tmp_path / "letters" / "raw" / "empty.txt").write_text("")
    third = subprocess.run(["make", *command], cwd=tmp_path / "letters", capture_output=True, check=True)
    assert b"quarantined empty.txt" in third.stderr


def test_init_never_overwrites(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    (tmp_path / "corpuskit.toml").write_text("# mine\n")
    assert run("init", str(tmp_path)).returncode == 0
    assert (tmp_path / "corpuskit.toml").read_text() == "# mine\n"


def test_explain_names_rule_and_reason(tmp_path: Path) -> None:
    """A file is shown with its cuts; hostile control characters do not reach the terminal."""
    (tmp_path / "a.txt").write_text("Advertisement\nThe tide \x1b[2Jtable hung by the door.\n")
    done = run("explain", str(tmp_path / "a.txt"))
    assert done.returncode == 0
    assert b"ad-marker" in done.stdout
    assert b"\x1b" not in done.stdout
    said = json.loads(run("explain", str(tmp_path / "a.txt"), "--json").stdout)
    assert said["edits"][0]["removed"] == "Advertisement\n"


def test_rules_can_be_listed_shown_and_tested(tmp_path: Path) -> None:
    """A user's own rules run their examples; a rule that fails its own is named, with exit code 3."""
    assert b"ad-marker" in run("rules", "list", "--family", "ad-marker").stdout
    unknown = run("rules", "show", "ad-marker.en.labl")
    assert (unknown.returncode, b"did you mean" in unknown.stderr) == (2, True)
    (tmp_path / "promo").mkdir()
    rule = (
        '[[rule]]\nid = "promo.en.tea"\nany_of = ["drink more tea"]\nwhy = "A house slogan."\n'
        'removes = ["⟦Drink more tea\\n⟧She poured."]\nkeeps = ["Drink more tea than wine.", "{}"]\n'
    )
    (tmp_path / "promo" / "en.toml").write_text(rule.format("They drink more tea now."))
    assert run("rules", "test", str(tmp_path)).returncode == 0
    assert run("rules", "show", "promo.en.tea", cwd=tmp_path).returncode == 2
    config = tmp_path.with_suffix(".toml")
    config.write_text(f"[clean]\nrules = ['{tmp_path}']\n")
    assert b"A house slogan." in run("rules", "show", "promo.en.tea", "-c", str(config)).stdout
    assert b"promo.en.tea" in run("rules", "list", "--family", "promo", "-c", str(config)).stdout
    nosuch = run("rules", "list", "--family", "promos")
    assert (nosuch.returncode, b"did you mean 'promo'" in nosuch.stderr) == (2, True)
    (tmp_path / "promo" / "en.toml").write_text(rule.format("Drink more tea"))
    failed = run("rules", "test", str(tmp_path))
    assert (failed.returncode, b"promo.en.tea" in failed.stdout) == (3, True)


def test_verify_finds_a_damaged_dataset(tmp_path: Path) -> None:
    """A dataset verifies; with a shard cut short it does not, and the exit code says so."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("The tide table hung by the door, and nobody read it.\n")
    assert run("build", cwd=tmp_path).returncode == 0
    assert run("verify", cwd=tmp_path).returncode == 0
    shard = next((tmp_path / "processed" / "essays" / "data").glob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-40])
    assert run("verify", cwd=tmp_path).returncode == 3


def test_env_names_versions() -> None:
    """A bug report needs the versions of corpuskit, Python and the libraries."""
    said = json.loads(run("env", "--json").stdout)
    assert {"corpuskit", "python", "datasets", "ftfy"} <= set(said)


def test_package_as_a_filter_keeps_foreign_columns(tmp_path: Path) -> None:
    """Rows that were cleaned elsewhere become a dataset; what has no field is kept as JSON."""
    import pyarrow.parquet as pq

    row = {"id": "a", "text": "Advertisement\nThe tide table hung by the door.\n", "title": "Tides", "mood": [1, None]}
    cleaned = run("clean", "-", stdin=json.dumps(row).encode())
    done = run("package", "-", "--processed", str(tmp_path), "--name", "tides", stdin=cleaned.stdout)
    assert done.returncode == 0, done.stderr
    published = pq.read_table(tmp_path / "tides" / "data").to_pylist()[0]
    assert (published["id"], published["title"], published["text"]) == (
        "a",
        "Tides",
        "The tide table hung by the door.\n",
    )
    assert json.loads(published["extra_json"]) == {"mood": [1, None]}
    assert pq.read_table(tmp_path / "tides" / "removed").to_pylist()[0]["removed"] == "Advertisement\n"


def test_package_as_a_filter_tells_of_rows_it_refused(tmp_path: Path) -> None:
    """A second row of one id, and one that is no object, are counted by the card and listed in `dropped`."""
    import pyarrow.parquet as pq

    rows = ['{"id":"a","text":"One."}', '{"id":"a","text":"Two."}', '{"id":"b","text":"Three."}', "[1]"]
    place = tmp_path / "rows.jsonl"
    place.write_text("\n".join(rows))
    done = run("package", str(place), "--processed", str(tmp_path / "out"), "--name", "tides")
    assert done.returncode == 3, done.stderr
    listed = pq.read_table(tmp_path / "out" / "tides" / "dropped").to_pylist()
    assert [(row["path"], row["record"], row["fate"], row["reason"]) for row in listed] == [
        ("rows.jsonl", "2", "quarantined", "duplicate-id"),
        ("rows.jsonl", "4", "quarantined", "wrong-type"),
    ]
    card = (tmp_path / "out" / "tides" / "README.md").read_text()
    assert all(said in card for said in ("| read | 4 |", "| quarantined | 2 |", "| kept | 2 |"))


@pytest.mark.parametrize(
    ("command", "code"),
    [("return 3", 3), ("raise CorpuskitError('no')", 1), ("raise SystemExit(7)", 7), ("raise KeyError('a bug')", 1),
     ("raise RuntimeError('a bug')", 1), ("raise RuntimeError(\"can't start new thread\")", 1), ("raise MemoryError", 1)],
)  # fmt: skip
def test_what_a_command_opened_is_closed_before_the_process_ends(command: str, code: int) -> None:
    """The interpreter is not taken down, but what asks to be called at the end is, and all that was said comes out."""
    script = f"""
import atexit, sys
from corpuskit import cli
from corpuskit.errors import CorpuskitError
def command(**_):
    atexit.register(print, "closed")
    sys.stdout.write("said ")
    {command}
cli.cli.main = command
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "said " if code == 7 else "said closed\n"), done.stderr
    assert ("a bug" in done.stderr) == ("bug" in command)
    assert ("error: memory ran out" in done.stderr) == ("thread" in command or "Memory" in command)


def test_messages_name_what_is_meant(tmp_path: Path) -> None:
    """A missing file is no id, missing rules name their option, an unknown place is left out, kinds are words."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text("The tide table hung by the door.")
    (raw / "cut.txt.gz").write_bytes(b"\x1f\x8b\x08\x00")
    (raw / "loop.txt").symlink_to("loop.txt")
    (raw / "same.txt").symlink_to("a.txt")
    done = run("ingest", "raw", cwd=tmp_path)
    assert done.returncode == 3
    assert b"cut.txt.gz, byte 0: The packed data" in done.stderr
    assert b"loop.txt: This link leads to itself." in done.stderr
    assert done.stdout.count(b"\n") == 1
    assert b"passed over same.txt: a link to a.txt, which is read once" in done.stderr
    assert run("build", "-q", cwd=tmp_path).returncode == 3
    for name in ("raw/nosuch.txt", "nosuch.md", "raw"):
        done = run("explain", name, cwd=tmp_path)
        assert done.returncode == 2
        assert f"{name}: there is {'a folder, not a' if name == 'raw' else 'no'} file".encode() in done.stderr
    assert b"no document with the id 'nosuch'" in run("explain", "nosuch", cwd=tmp_path).stderr
    done = run("clean", "-", stdin=b'{"text": 7}\n{"text": null}\n')
    assert b"row 1, byte 0: The column 'text' holds a number, not a text." in done.stderr
    assert b"holds null, not a text." in done.stderr
    (tmp_path / "corpuskit.toml").write_text("[clean]\nrules = ['nope']\n")
    for command in (("build",), ("build", "--plan"), ("clean", "-")):
        done = run(*command, cwd=tmp_path, stdin=b'{"text": "x"}\n')
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
        assert f"[clean] rules: '{tmp_path}/nope': there is no such folder or file" in done.stderr.decode()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_explain_shows_what_can_be_read_of_a_file(options: tuple[str, ...], tmp_path: Path) -> None:
    """One row without a text, or an empty member, is named with its place; the others are shown, and the exit code is 3."""
    import zipfile

    rows = [{"text": f"Boat {n} came home."} for n in range(5)]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, [*rows[:2], {"title": "none"}, *rows[2:]])))
    done = run("explain", "r.jsonl", *options, cwd=tmp_path)
    assert done.returncode == 3
    assert [f"r.jsonl:{n}" in done.stdout.decode() for n in range(1, 7)] == [True, True, False, True, True, True]
    fields = run("explain", "r.jsonl", "--fields", cwd=tmp_path).stdout.decode()
    assert [f"r.jsonl:{n}\n" in fields for n in range(1, 7)] == [True, True, False, True, True, True]
    assert b"quarantined r.jsonl, row 3, byte 60: No column holds the text" in done.stderr
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("empty.txt", "")
        archive.writestr("a.txt", "Boat 9 came home.")
    done = run("explain", "z.zip", *options, cwd=tmp_path)
    assert done.returncode == 3
    assert b"z.zip:a.txt" in done.stdout
    assert b"quarantined z.zip, record empty.txt" in done.stderr
    (tmp_path / "bad.jsonl").write_text('{"text": 1}\n')
    done = run("explain", "bad.jsonl", *options, cwd=tmp_path)
    assert done.returncode == 1
    assert b"bad.jsonl, row 1, byte 0: Column 'text' holds a number" in done.stderr


def test_package_as_a_filter_keeps_digits_and_names_what_is_no_account(tmp_path: Path) -> None:
    """Foreign columns keep every digit, also in ids, and half a character as an escape; a row whose edits are none is in
    `dropped`, the rest goes on."""
    import pyarrow.parquet as pq

    rows = b'{"id":18446744073709551616,"text":"The tide table.","n":[12345678901234567890123,1.50,NaN]}\n'
    rows += rb'{"id":"half","text":"Another text.","f":"\ud83d"}' + b"\n" + b'{"id":"5","text":"A third.","edits":5}\n'
    done = run("package", "-", "--processed", str(tmp_path), "--name", "tides", stdin=rows)
    assert done.returncode == 3, done.stderr
    kept = {row["id"]: row["extra_json"] for row in pq.read_table(tmp_path / "tides" / "data").to_pylist()}
    assert kept == {"18446744073709551616": '{"n":[12345678901234567890123,1.50,"NaN"]}', "half": r'{"f":"\ud83d"}'}
    dropped = pq.read_table(tmp_path / "tides" / "dropped").to_pylist()
    assert [(row["record"], row["reason"]) for row in dropped] == [("3", "bad-edits")]


@pytest.mark.parametrize("command", ["ingest", "clean", "enrich", "dedup", "package", "explain", "build --raw", "verify"])
def test_what_is_not_there_is_a_wrong_call(command: str, tmp_path: Path) -> None:
    """An input that an argument names and that is not there ends with 2, in one line, whatever the command."""
    done = run(*command.split(), "nosuch.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert b"nosuch.jsonl" in done.stderr
    if command in ("clean", "enrich", "dedup", "package"):
        assert done.stderr == b"error: nosuch.jsonl: there is no such file\n"
        done = run(command, ".", cwd=tmp_path)
        assert (done.returncode, b"`corpuskit ingest .` writes one" in done.stderr) == (2, True)


def test_ingest_writes_the_columns_that_a_build_keeps(tmp_path: Path) -> None:
    """Further columns pass through a filter under their own names, with values as a build has them; none where none are kept."""
    import pyarrow.parquet as pq

    raw = tmp_path / "raw"
    raw.mkdir()
    row: dict[str, object] = {"text": "The tide table hung by the door.", "title": "Tides", "tags": []}
    row |= {"mood": ["calm", {"by": 1.5}], "n": 3, "path": "/x"}
    (raw / "a.jsonl").write_text(json.dumps(row) + "\n")
    said = json.loads(run("ingest", "raw", cwd=tmp_path).stdout)
    assert (said["title"], said["mood"], said["n"], said["path"]) == ("Tides", row["mood"], 3, "a.jsonl")
    assert run("build", "-q", cwd=tmp_path).returncode == 0
    kept = json.loads(pq.read_table(tmp_path / "processed" / "essays" / "data")["extra_json"][0].as_py())
    assert kept == {name: row[name] for name in ("mood", "n", "path")}
    assert "tags" not in said
    (tmp_path / "corpuskit.toml").write_text('[ingest.columns]\nextra = "n"\n')
    said = json.loads(run("ingest", "raw", cwd=tmp_path).stdout)
    assert ("mood" in said, said["n"]) == (False, 3)
