"""Repair of broken encoding, line by line, as edits.

ftfy decides what the line should read; this module finds which characters that changes. Every option of ftfy is
written out: curly quotes, ligatures, full-width forms and line breaks are the author's and stay.

Escape sequences of terminals go whole before ftfy looks: it knows the colours, and of others would take the first
character and leave the rest ("[?25l"). What stands between two of them is read by itself.

Entities are decided line by line ("AT&amp;T"): ftfy's own ``auto`` remembers a ``<`` seen earlier in the text, so
one line would change what happens to the next.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from corpuskit import text as positions
from corpuskit.cleaning.automata import automaton
from corpuskit.cleaning.badness import pattern
from corpuskit.model import Edit
from corpuskit.patterns import TERMINAL_ESCAPE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RULES", "needs_repair", "repair", "repaired"]

MOJIBAKE = "encoding.any.mojibake"
ENTITY = "encoding.any.entity"
CONTROL = "encoding.any.control"
ESCAPE = "encoding.any.escape"
NEWLINE = "encoding.any.newline"

#: id, confidence and reason of the repairs; confidence of mojibake is ftfy's reported precision, rounded down.
RULES: dict[str, tuple[float, str]] = {
    MOJIBAKE: (0.99, "UTF-8 that was read in another encoding, read again"),
    ENTITY: (0.995, "HTML entity that extraction left in the text"),
    CONTROL: (0.999, "control character that shows nothing"),
    ESCAPE: (0.999, "escape sequence of a terminal (colour, cursor, title of its window) that shows nothing"),
    NEWLINE: (0.999, "line break of another system among ordinary ones"),
}

# what ftfy's account calls the steps that read bytes again ("Ã³" that stands beside sound text is repaired by the last three)
_RECODED = {"encode", "decode", "transcode", "decode_inconsistent_utf8", "restore_byte_a0", "replace_lossy_sequences"}
_TOKEN = re.compile(r"\s+|[^\s]+")
_TOKENS_ALIGNED = 4000  # beyond this many tokens a line that changed its token count becomes a single edit


@lru_cache(maxsize=1)
def _gate() -> Callable[[bytes], Any]:
    """A linear-time test that is true for each text (as UTF-8) that `_fix` may change (and for few others).

    It is ftfy's own badness pattern, compiled by RE2, with what ftfy's other fixers look for. Only used to skip: what
    to change is always ftfy's decision.
    """
    others = r"&#?[0-9A-Za-z]{1,24};|[\r\x00-\x08\x0b\x0e-\x1f\x7f-\x{9f}\x{206a}-\x{206f}\x{feff}\x{fff9}-\x{fffc}]"
    return automaton([f"{others}|{pattern()}"])


def needs_repair(text: str) -> bool:
    """Return False only for texts that `repair` would leave alone."""
    return bool(_gate()(text.encode()))


@lru_cache(maxsize=2)
def _config(entities: bool) -> Any:
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=entities,
        remove_terminal_escapes=True,
        fix_encoding=True,
        restore_byte_a0=True,
        replace_lossy_sequences=True,
        decode_inconsistent_utf8=True,
        fix_c1_controls=True,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=True,
        normalization=None,
        explain=True,
    )


def _fix(line: str) -> tuple[str, str]:
    """Return the line as it should read and the id of the repair that did most."""
    from ftfy import fix_and_explain, fix_encoding_and_explain

    config = _config("<" not in line)
    fixed, steps = fix_encoding_and_explain(line, config)
    if "&" in line or needs_repair(fixed):
        # Else nothing is left for its other fixers, and it would only go through them all twice, and once more through its own
        # test for broken encoding, which is slow on sound text: half of what a repair costs.
        fixed, steps = fix_and_explain(line, config)
    done = {step.parameter for step in steps or ()} | {step.action for step in steps or ()}
    if done & _RECODED:
        return fixed, MOJIBAKE
    if "unescape_html" in done:
        return fixed, ENTITY
    if "fix_c1_controls" in done:
        return fixed, MOJIBAKE
    return fixed, CONTROL


def repair(raw: str) -> tuple[Edit, ...]:
    """Return the ledger of repairs of `raw`: for each line the runs of white-space separated tokens that change,
    trimmed of what they have in common with their replacement at both ends."""
    if not needs_repair(raw):
        return ()
    edits: list[Edit] = []
    for start, end in positions.lines(raw):
        line = raw[start:end]
        if not needs_repair(line):
            continue
        body = line[:-1] if line.endswith("\n") else line
        stop = start + len(body)
        if "\r" in body:
            # "one\r\ntwo\rthree\n" in a file that mixes them: the CR of a CRLF goes, a bare CR becomes a break.
            at = start
            for piece in re.split(r"(\r)", body):
                if piece == "\r":
                    insert = "" if at + 1 == stop and line.endswith("\n") else "\n"
                    edits.append(_edit(NEWLINE, at, "\r", insert))
                elif piece:
                    _stretch(edits, at, piece)
                at += len(piece)
        else:
            _stretch(edits, start, body)
    return tuple(edits)


def repaired(raw: str) -> str:
    """Return what `raw` reads after its repairs, without their account: `apply(raw, repair(raw))`."""
    if not needs_repair(raw):
        return raw
    lines = [raw[start:end] for start, end in positions.lines(raw)]
    return "".join([_read(line) if needs_repair(line) else line for line in lines])


def _read(line: str) -> str:
    """A line as it should read."""
    body = line.removesuffix("\n")
    pieces = ["".join(map(_read_stretch, TERMINAL_ESCAPE.split(piece))) for piece in body.split("\r")]
    if body.endswith("\r") and body != line:
        pieces.pop()  # the CR of a CRLF goes, a bare CR becomes a break
    return "\n".join(pieces) + line[len(body) :]


def _read_stretch(body: str) -> str:
    """What stands between two escape sequences as it should read."""
    return _fix(body)[0] if needs_repair(body) else body


def _stretch(edits: list[Edit], start: int, body: str) -> None:
    """Append the edits of a line, or of what stands between the line breaks of another system in it: its escape sequences, and
    what is to be repaired between them."""
    at = 0
    for escape in TERMINAL_ESCAPE.finditer(body):
        _line(edits, start + at, body[at : escape.start()])
        edits.append(_edit(ESCAPE, start + escape.start(), escape.group(), ""))
        at = escape.end()
    _line(edits, start + at, body[at:])


def _line(edits: list[Edit], start: int, body: str) -> None:
    """Append the edits that turn `body`, which stands at `start`, into what it should read."""
    if not needs_repair(body):
        return  # sound words between two escape sequences
    fixed, rule = _fix(body)
    if fixed == body:
        return
    old, new = _TOKEN.findall(body), _TOKEN.findall(fixed)
    if len(old) == len(new):
        pairs = list(zip(old, new, strict=True))
    elif len(old) + len(new) <= _TOKENS_ALIGNED:
        pairs = _aligned(old, new)
    else:
        pairs = [(body, fixed)]
    at = start
    run_old = run_new = ""
    run_at = start
    for was, becomes in [*pairs, ("", "")]:
        # a run of changed tokens goes on over white space that stays only when a changed token follows;
        # closing it at each unchanged token keeps the edits small
        if was == becomes:
            if run_old or run_new:
                _append(edits, rule, run_at, run_old, run_new)
                run_old = run_new = ""
            at += len(was)
            run_at = at
        else:
            run_old += was
            run_new += becomes
            at += len(was)
    _append(edits, rule, run_at, run_old, run_new)


def _aligned(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Pair up two token lists of different length; only used on short lines, its cost is quadratic.

    What comes in between two tokens that stay goes with one of them, as it has no place of its own in `old`.
    """
    from corpuskit.cleaning.alignment import opcodes

    pairs: list[tuple[str, str]] = []
    coming = ""
    for equal, a, b, c, d in opcodes(old, new):
        if equal:
            pairs += zip(old[a:b], new[c:d], strict=True)
        elif a < b:
            pairs.append(("".join(old[a:b]), "".join(new[c:d])))
        elif pairs:
            was, becomes = pairs.pop()
            pairs.append((was, becomes + "".join(new[c:d])))
        else:
            coming = "".join(new[c:d])
            continue
        if coming:
            pairs[0] = (pairs[0][0], coming + pairs[0][1])
            coming = ""
    return pairs


def _append(edits: list[Edit], rule: str, at: int, was: str, becomes: str) -> None:
    if was == becomes:
        return
    head = 0
    limit = min(len(was), len(becomes))
    while head < limit and was[head] == becomes[head]:
        head += 1
    tail = 0
    while tail < limit - head and was[-1 - tail] == becomes[-1 - tail]:
        tail += 1
    if head + tail == len(was):
        # a pure insertion has no span of its own: it takes the character before or after it
        if head:
            head -= 1
        else:
            tail -= 1
    edits.append(_edit(rule, at + head, was[head : len(was) - tail], becomes[head : len(becomes) - tail]))


def _edit(rule: str, start: int, removed: str, inserted: str) -> Edit:
    confidence, why = RULES[rule]
    return Edit(rule, start, start + len(removed), removed, inserted, why, confidence)
