"""Text values under every Specific Character Set (0008,0005) of PS3.3 C.12.1.1.2: bytes and str.

Use it through `dicomtest.dicom.charsets`, which knows data sets as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dicomtest.dicom import iso2022
from dicomtest.dicom.iso2022 import ISO_IR_6, MULTI_BYTE, SINGLE_BYTE, Repertoire

CharacterSet = str | Sequence[str] | None

# Value representations that Specific Character Set is about (PS3.5 6.1.2.2).
TEXT_VRS = frozenset({"SH", "LO", "ST", "PN", "LT", "UC", "UT"})
UNLIMITED = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
WITHOUT_EXTENSION = {f"ISO_IR {number}": number for number in SINGLE_BYTE if number != 6}
WITH_EXTENSION = {f"ISO 2022 IR {number}": number for number in (*SINGLE_BYTE, *MULTI_BYTE)}
_NUMBERS = {"": 6, "ISO_IR 6": 6, **WITHOUT_EXTENSION, **WITH_EXTENSION}


def terms(character_set: CharacterSet) -> tuple[str, ...]:
    """The values of Specific Character Set one by one; () when it is absent or empty."""
    if character_set is None:
        return ()
    values = character_set.split("\\") if isinstance(character_set, str) else character_set
    stripped = tuple(str(each or "").strip(" \0") for each in values)
    return stripped if any(stripped) else ()


def character_set_problems(character_set: CharacterSet) -> list[str]:
    """What is wrong with the attribute Specific Character Set itself (PS3.3 C.12.1.1.2)."""
    values = terms(character_set)
    found = []
    for number, value in enumerate(values, 1):
        alone = value in UNLIMITED or value in WITHOUT_EXTENSION
        if value not in _NUMBERS and value not in UNLIMITED:
            found.append(f"value {number}, {value!r}, is not a Defined Term")
        elif value == "ISO_IR 6":
            found.append("ISO_IR 6 is not a Defined Term; the default repertoire has none")
        elif len(values) > 1 and alone:
            found.append(f"{value} does not take part in code extension, but there are more values")
        elif len(values) == 1 and value in WITH_EXTENSION:
            found.append(f"{value} is for code extension, but it is the only value")
        elif number == 1 and WITH_EXTENSION.get(value) in MULTI_BYTE:
            found.append(f"{value} is a multi-byte set and cannot be value 1")
        elif number > 1 and not value:
            found.append(f"value {number} is empty; only value 1 may be")
    return [f"{each} (PS3.3 C.12.1.1.2)" for each in found]


def encode_text(value: str | Sequence[str], vr: str, character_set: CharacterSet) -> bytes:
    r"""Encode a value of that VR, not padded; several values as a sequence or joined by `\`.

    Raises UnicodeEncodeError (a ValueError) when the character set cannot hold it.
    """
    text = value if isinstance(value, str) else "\\".join(str(each) for each in value)
    if text.isascii():
        return text.encode("ascii")
    codec = _unlimited(vr, character_set)
    if codec:
        return text.encode(codec)
    return iso2022.write(text, _delimiters(vr).decode("ascii"), _repertoire(vr, character_set))


def decode_text(raw: bytes, vr: str, character_set: CharacterSet) -> str:
    r"""Decode the whole value field, delimiters and padding included.

    Bytes that stand for nothing under this character set become U+FFFD.
    """
    if raw.isascii() and iso2022.ESCAPE not in raw:
        return raw.decode("ascii")
    codec = _unlimited(vr, character_set)
    if codec:
        return raw.decode(codec, errors="replace")
    pieces = iso2022.read(raw, _delimiters(vr), _repertoire(vr, character_set))
    return "".join(piece.text for piece in pieces)


def split_values(raw: bytes, vr: str, character_set: CharacterSet) -> list[bytes]:
    """The values of a value field; 5C within a multi-byte character separates nothing."""
    if b"\\" not in raw or b"\\" not in _delimiters(vr):
        return [raw]
    codec = _unlimited(vr, character_set)
    if codec == "utf-8":
        return raw.split(b"\\")
    values = [bytearray()]
    if codec:
        for character in raw.decode(codec, errors="surrogateescape"):
            if character == "\\":
                values.append(bytearray())
            else:
                values[-1] += character.encode(codec, errors="surrogateescape")
        return [bytes(each) for each in values]
    for piece in iso2022.read(raw, _delimiters(vr), _repertoire(vr, character_set)):
        if piece.code == b"\\":
            values.append(bytearray())
        else:
            values[-1] += piece.code
    return [bytes(each) for each in values]


def encodable(text: str, character_set: CharacterSet) -> bool:
    """Whether text of the VRs that the character set is about can be encoded in it."""
    try:
        encode_text(text, "PN", character_set)
    except UnicodeEncodeError:
        return False
    return True


def problems(raw: bytes, vr: str, character_set: CharacterSet) -> list[str]:
    """What is wrong with the bytes of a value under this character set, with the clause."""
    found = list(_control_problems(raw, vr))
    codec = _unlimited(vr, character_set)
    if codec:
        try:
            raw.decode(codec)
        except UnicodeDecodeError as error:
            shown = raw[error.start : error.end].hex(" ").upper()
            term = terms(character_set)[0]
            found.append(f"byte {error.start}: {shown} is not {term} (PS3.5 6.1.2.3)")
        if iso2022.ESCAPE in raw:
            found.append("escape sequence where code extension is not used (PS3.5 6.1.2.5.4)")
        return found
    repertoire = _repertoire(vr, character_set)
    for piece in iso2022.read(raw, _delimiters(vr), repertoire):
        if piece.problem:
            found.append(piece.problem + _clause(piece.problem, vr, repertoire))
    return found


def _clause(problem: str, vr: str, repertoire: Repertoire) -> str:
    if "PS3." in problem:
        return ""
    if vr not in TEXT_VRS:
        return f"; {vr} has the default repertoire only (PS3.5 6.1.2.2)"
    if not repertoire.declared:
        return "; (0008,0005) is absent, so only the default repertoire is there (PS3.5 6.1.2.2)"
    return " (PS3.5 6.1.2.3, 6.1.2.5.3)" if repertoire.extended else " (PS3.5 6.1.2.3)"


def _control_problems(raw: bytes, vr: str) -> Iterator[str]:
    """Control characters that the VR does not allow (PS3.5 6.1.3, Table 6.2-1)."""
    allowed = b"\t\n\f\r\x1b" if vr in ("ST", "LT", "UT") else b"\x1b"
    body = raw.rstrip(b"\0") if vr == "UI" else raw
    for at, byte in enumerate(body):
        if byte < 0x20 and byte not in allowed:
            yield f"byte {at}: control character {byte:02X} in {vr} (PS3.5 6.1.3, Table 6.2-1)"


def _unlimited(vr: str, character_set: CharacterSet) -> str:
    """Python's name of a character set that excludes all others, else ""."""
    values = terms(character_set)
    return UNLIMITED.get(values[0], "") if values and vr in TEXT_VRS else ""


def _delimiters(vr: str) -> bytes:
    if vr == "PN":
        return b"\\^="
    return b"" if vr in ("ST", "LT", "UT") else b"\\"


def _repertoire(vr: str, character_set: CharacterSet) -> Repertoire:
    values = terms(character_set) if vr in TEXT_VRS else ()
    if not values:
        return Repertoire(ISO_IR_6, None, (ISO_IR_6,), extended=False, declared=False)
    sets = {**SINGLE_BYTE, **MULTI_BYTE}
    known = [sets[_NUMBERS[value]] for value in values if value in _NUMBERS]
    elements = tuple(dict.fromkeys(each for one in known for each in one))
    g0, g1 = _initial(sets[_NUMBERS.get(values[0], 6)])
    return Repertoire(g0, g1, elements or (ISO_IR_6,), extended=len(values) > 1)


def _initial(
    first: tuple[iso2022.CodeElement, ...],
) -> tuple[iso2022.CodeElement, iso2022.CodeElement | None]:
    """G0 and G1 before any escape sequence.

    A multi-byte set in value 1 is wrong, but seen: one for G1 is in use from the start, one for
    G0 only after its escape sequence.
    """
    g0 = next((each for each in first if each.area == 0 and each.width == 1), ISO_IR_6)
    return g0, next((each for each in first if each.area == 1), None)
