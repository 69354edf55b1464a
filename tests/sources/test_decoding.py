"""Bytes to text and back."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.model import Document
from corpuskit.sources.decoding import BOMS, Decoded, Trouble, decode, encode_back

RUSSIAN = "Старый дом стоял у реки и смотрел на далёкие горы, а дети бежали в школу."
FRENCH = "Le vieux moulin près de la rivière, déjà fermé, tourne encore l’été."
POLISH = "Stary młyn nad rzeką już dawno stanął, ale jego koło wciąż się obraca. Dzieci wspinają się na ścianę."
CZECH = "Starý dům stál u řeky a díval se na hory. Děti běžely ke škole a nikdo nevěděl, proč ještě stojí u řeky."
TURKISH = (
    "Eski ev nehrin kıyısında durmuş, dağlara bakıyordu. Her sabah kuşlar şarkı söylüyor, çocuklar okula koşuyordu. "
    "Kimse neden hâlâ ayakta olduğunu bilmiyordu."
)
HUNGARIAN = (
    "A régi ház a folyó partján állt. Mindenki örömmel tért be hozzá, ősszel, amikor hűvös szél fújt az erdőből."
)
ICELANDIC = (
    "Gamla húsið stóð við ána og horfði á fjöllin. Enginn vissi hvers vegna það stóð enn, en öllum þótti vænt um það."
)
DANISH = (
    "Det gamle hus stod ved åen og så mod bjergene. Børnene løb i skole, og alle kom gerne både før og efter høsten."
)
JAPANESE = "古い家は川のそばに立っていて、山を見ていました。毎朝、鳥が歌いました。"


def document(decoded: Decoded) -> Document:
    """Return a document with this text."""
    return Document("x", "", decoded.text, decoded.provenance("a.txt", ""))


def holds_law_0(data: bytes, decoded: Decoded) -> bool:
    """Say whether the bytes come back, or the text says lossy."""
    return sha256(data).hexdigest() == decoded.bytes_sha256 and (
        decoded.lossy or encode_back(document(decoded)) == data
    )


def decoded(data: bytes, configured: str = "") -> Decoded:
    """Decode bytes that must be a text."""
    found = decode(data, configured)
    assert isinstance(found, Decoded), found
    return found


def trouble(data: bytes, configured: str = "") -> Trouble:
    """Decode bytes that must not be one."""
    found = decode(data, configured)
    assert isinstance(found, Trouble), found
    return found


@given(st.binary(max_size=400))
def test_any_bytes_are_a_text_that_gives_them_back_or_trouble(data: bytes) -> None:
    """Random bytes come back exactly from what was decoded, or say lossy, or are refused."""
    found = decode(data)
    if isinstance(found, Decoded):
        assert holds_law_0(data, found)
    else:
        assert 0 <= found.offset <= len(data)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.sampled_from(["", *(name for _, name in BOMS)]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\r\n"]),
)
def test_text_in_every_marked_encoding_comes_back(text: str, encoding: str, newline: str) -> None:
    """UTF-8, -16 and -32 with a mark, and UTF-8 without, give the same text and their own bytes back."""
    source = text.replace("\r", "").replace("\n", newline)
    mark = next((mark for mark, name in BOMS if name == encoding), b"")
    data = mark + source.encode(encoding or "utf-8")
    found = decode(data)
    if isinstance(found, Decoded) and found.origin in ("bom", "strict"):
        assert holds_law_0(data, found)
        assert not found.lossy
        if encoding:
            assert found.text.replace("\r\n", "\n") == source.replace("\r\n", "\n").replace("\r", "\n")
            assert (found.encoding, found.bom) == (encoding, True)


@pytest.mark.parametrize(
    ("text", "encoding", "expected", "origin"),
    [
        (FRENCH, "utf-8", "utf-8", "strict"),
        (FRENCH, "cp1252", "cp1252", "cp1252"),
        (RUSSIAN, "cp1251", "cp1251", "detected"),
        (RUSSIAN, "koi8-r", "koi8-r", "detected"),
        (POLISH, "cp1250", "cp1250", "detected"),
        (JAPANESE, "shift_jis", "cp932", "detected"),
        (CZECH, "cp1250", "cp1250", "detected"),
        (TURKISH, "cp1254", "cp1254", "detected"),
        (HUNGARIAN, "cp1250", "cp1250", "detected"),
        (ICELANDIC, "cp1252", "cp1252", "cp1252"),
        (DANISH, "cp1252", "cp1252", "cp1252"),
    ],
)
def test_encodings_are_told_apart(text: str, encoding: str, expected: str, origin: str) -> None:
    """UTF-8 first, Windows-1252 for western text, the detector for other alphabets."""
    found = decoded(text.encode(encoding))
    assert (text, expected, origin, False) == (found.text, found.encoding, found.origin, found.lossy)
    assert found.confidence == 1.0 if origin == "strict" else 0 < found.confidence < 1


def test_a_marked_file_with_one_broken_byte_is_read_and_called_lossy() -> None:
    """The mark speaks for UTF-8 all the more; it comes back as a mark."""
    found = decoded(b"\xef\xbb\xbf" + "Déjà vu à côté, répété.".encode() + b"\xff")
    assert (found.encoding, found.bom, found.lossy) == ("utf-8", True, True)
    assert found.text.endswith("répété.\ufffd")


def test_the_configured_encoding_goes_before_guesses_and_after_utf8() -> None:
    """What a person says wins over Windows-1252, and valid UTF-8 over what a person says."""
    assert decoded("Příliš žluťoučký kůň".encode("cp1250"), "cp1250").text == "Příliš žluťoučký kůň"
    assert decoded("Příliš žluťoučký kůň".encode(), "cp1250").origin == "strict"
    assert decoded("ein Satz".encode("utf-16-le"), "utf-16-le").origin == "configured"


def test_windows_1252_does_not_take_its_five_undefined_bytes() -> None:
    """81, 8D, 8F, 90 and 9D mean nothing in Windows-1252; a text with one is never read as it."""
    for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
        found = decode(b"A plain caf\xe9 sentence with a " + bytes([byte]) + b" in it")
        assert isinstance(found, Trouble) or found.encoding != "cp1252"


def test_utf8_with_one_broken_byte_is_read_as_utf8_and_called_lossy() -> None:
    """A text cut in the middle of a character is not turned into mojibake."""
    data = ("“Déjà vu”, said the “naïve” miller. " * 3).encode() + b"\xe2\x80"
    found = decoded(data)
    assert (found.encoding, found.lossy) == ("utf-8", True)
    assert found.text.startswith("“Déjà vu”")
    assert found.text.endswith("�")


@pytest.mark.parametrize(
    ("data", "newline", "text"),
    [
        (b"a\nb\n", "lf", "a\nb\n"),
        (b"a\r\nb\r\n", "crlf", "a\nb\n"),
        (b"a\rb\r", "cr", "a\nb\n"),
        (b"a\r\nb\n", "mixed", "a\r\nb\n"),
        (b"a\r\r\nb", "mixed", "a\r\r\nb"),
        (b"a\x85b\x0cc".replace(b"\x85", b"\xc2\x85"), "none", "a\x85b\x0cc"),
    ],
)
def test_uniform_newlines_are_normalised_and_mixtures_stay(data: bytes, newline: str, text: str) -> None:
    """CRLF throughout or CR throughout becomes LF; anything else is left for the ledger."""
    found = decoded(data)
    assert (newline, text) == (found.newline, found.text)
    assert holds_law_0(data, found)


@pytest.mark.parametrize(
    ("data", "reason", "offset"),
    [
        (b"", "empty", 0),
        (b" \r\n\t ", "empty", 0),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "binary", 0),
        (b"%PDF-1.7\nsome text", "binary", 0),
        (b"MZ" + bytes(range(256)), "binary", 2),
        ("ein Satz ohne Marke".encode("utf-16-le"), "binary", 1),
        (b"\xff\xfeab\x00\xd8", "undecodable", 4),
    ],
)
def test_what_is_no_text_says_why_and_where(data: bytes, reason: str, offset: int) -> None:
    """Empty, binary and wrongly marked bytes are refused with the offset of the trouble."""
    found = trouble(data)
    assert (reason, offset) == (found.reason, found.offset)
    assert found.message.endswith(".")
    assert found.remedy


def test_a_stray_nul_is_text() -> None:
    """NUL is a matter for cleaning; a text with one or two is no binary."""
    assert decoded(b"The miller\x00 slept.").text == "The miller\x00 slept."
