"""ISO 2022 code extension as DICOM uses it (PS3.5 6.1.2.4, 6.1.2.5; PS3.3 C.12.1.1.2).

A character set is one or two code elements: one for byte values 21-7E (G0), one for A0-FF (G1).
Escape sequences put another element into G0 or G1; what value 1 of Specific Character Set names
comes back by itself after a delimiter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ESCAPE = 0x1B
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class CodeElement:
    """One registered set of graphic characters, and how Python's codecs spell it."""

    name: str
    escape: bytes
    area: int  # 0: byte values 21-7E; 1: A0-FF
    width: int  # bytes a character
    codec: str
    prefix: bytes = b""  # what the codec wants to see before the bytes

    def decode(self, code: bytes) -> str | None:
        """The character of these bytes; None when they stand for none."""
        try:
            text = (self.prefix + code).decode(self.codec)
        except UnicodeDecodeError:
            return None
        return text if len(text) == 1 else None

    def encode(self, character: str) -> bytes | None:
        """The bytes of one character; None when the set does not have it."""
        try:
            code = character.encode(self.codec)
        except UnicodeEncodeError:
            return None
        code = code[len(self.prefix) :][: self.width] if self.prefix else code
        in_area = all(each >= 0xA0 if self.area else 0x20 <= each < 0x7F for each in code)
        # Codecs that cover more than this set, or fold characters together, are caught here.
        fits = in_area and len(code) == self.width
        return code if fits and self.decode(code) == character else None


ISO_IR_6 = CodeElement("ISO-IR 6", b"\x1b(B", 0, 1, "ascii")
# 5C and 7E of ISO-IR 14 are YEN SIGN and OVERLINE, but 5C is the delimiter of values as well
# (PS3.5 6.1.2.3), so both are read as their ISO-IR 6 counterparts.
ISO_IR_14 = CodeElement("ISO-IR 14", b"\x1b(J", 0, 1, "ascii")
ISO_IR_13 = CodeElement("ISO-IR 13", b"\x1b)I", 1, 1, "shift_jis")


def _latin(number: int, final: bytes, codec: str) -> tuple[CodeElement, ...]:
    return (ISO_IR_6, CodeElement(f"ISO-IR {number}", b"\x1b-" + final, 1, 1, codec))


# By ISO registration number. Escape sequences: PS3.3 Tables C.12-3 and C.12-4.
SINGLE_BYTE: dict[int, tuple[CodeElement, ...]] = {
    6: (ISO_IR_6,),
    100: _latin(100, b"A", "latin_1"),
    101: _latin(101, b"B", "iso8859_2"),
    109: _latin(109, b"C", "iso8859_3"),
    110: _latin(110, b"D", "iso8859_4"),
    144: _latin(144, b"L", "iso8859_5"),
    127: _latin(127, b"G", "iso8859_6"),
    126: _latin(126, b"F", "iso8859_7"),
    138: _latin(138, b"H", "iso8859_8"),
    148: _latin(148, b"M", "iso8859_9"),
    203: _latin(203, b"b", "iso8859_15"),
    166: _latin(166, b"T", "tis_620"),
    13: (ISO_IR_14, ISO_IR_13),
}
MULTI_BYTE: dict[int, tuple[CodeElement, ...]] = {
    87: (CodeElement("ISO-IR 87", b"\x1b$B", 0, 2, "iso2022_jp", b"\x1b$B"),),
    159: (CodeElement("ISO-IR 159", b"\x1b$(D", 0, 2, "iso2022_jp_2", b"\x1b$(D"),),
    149: (CodeElement("ISO-IR 149", b"\x1b$)C", 1, 2, "euc_kr"),),
    58: (CodeElement("ISO-IR 58", b"\x1b$)A", 1, 2, "gb2312"),),
}
ELEMENTS = {
    each.escape: each
    for elements in (*SINGLE_BYTE.values(), *MULTI_BYTE.values())
    for each in elements
}


@dataclass(frozen=True)
class Repertoire:
    """What one Specific Character Set allows in text values."""

    g0: CodeElement
    g1: CodeElement | None
    elements: tuple[CodeElement, ...]  # that escape sequences may designate, in order of value
    extended: bool  # whether escape sequences may be used: (0008,0005) has several values
    declared: bool = True  # False: (0008,0005) is absent or empty


@dataclass(frozen=True)
class Piece:
    """A step of reading: the bytes, their text, and what was wrong with them (in words, or "")."""

    code: bytes
    text: str
    problem: str = ""


def read(raw: bytes, delimiters: bytes, repertoire: Repertoire) -> Iterator[Piece]:
    """Read bytes one character or escape sequence at a time.

    Wrong bytes give U+FFFD. An escape sequence is obeyed even where it is not allowed: it says
    what the sender meant.
    """
    g0, g1 = repertoire.g0, repertoire.g1
    at = 0
    while at < len(raw):
        byte = raw[at]
        if byte == ESCAPE:
            element = _designated(raw, at)
            if element is None:
                yield Piece(raw[at : at + 1], REPLACEMENT, _unknown_escape(raw, at))
                at += 1
                continue
            yield Piece(element.escape, "", _misplaced_escape(element, at, repertoire))
            g0, g1 = (g0, element) if element.area else (element, g1)
            at += len(element.escape)
        elif byte < 0x20 or (byte in delimiters and g0.width == 1):
            problem = _not_returned(g0, repertoire, f"before {_shown(byte)}", at)
            yield Piece(raw[at : at + 1], chr(byte), problem)
            g0, g1 = repertoire.g0, repertoire.g1
            at += 1
        elif byte in (0x20, 0x7F):
            yield Piece(raw[at : at + 1], chr(byte))
            at += 1
        else:
            element = g1 if byte & 0x80 else g0
            code, text = _character(raw, at, element)
            problem = "" if text else _unreadable(code, at, element)
            yield Piece(code, text or REPLACEMENT, problem)
            at += len(code)
    problem = _not_returned(g0, repertoire, "at the end of the value", at)
    if problem:
        yield Piece(b"", "", problem)


def write(text: str, delimiters: str, repertoire: Repertoire) -> bytes:
    """Encode text, with escape sequences where the repertoire is extended.

    A set other than that of value 1 is designated before its first use in every line, value and
    name component, and G0 (and G1, if value 1 has one) are given back before the delimiter.
    Raises UnicodeEncodeError for a character that the repertoire does not have.
    """
    out = bytearray()
    g0, g1 = repertoire.g0, repertoire.g1
    for at, character in enumerate(text):
        if character < " " or character in delimiters:
            out += _back(g0, g1, repertoire) + character.encode("ascii")
            g0, g1 = repertoire.g0, repertoire.g1
            continue
        if character == " ":
            out += b" "
            continue
        element, code = _best(character, g0, g1, repertoire)
        if element is None:
            names = ", ".join(dict.fromkeys(each.name for each in repertoire.elements))
            raise UnicodeEncodeError("DICOM", text, at, at + 1, f"not a character of {names}")
        if element not in (g0, g1):
            out += element.escape
            g0, g1 = (g0, element) if element.area else (element, g1)
        out += code
    return bytes(out + _back(g0, g1, repertoire))


def _back(g0: CodeElement, g1: CodeElement | None, repertoire: Repertoire) -> bytes:
    back = b"" if g0 is repertoire.g0 else repertoire.g0.escape
    if repertoire.g1 is not None and g1 is not repertoire.g1:
        back += repertoire.g1.escape
    return back


def _best(
    character: str, g0: CodeElement, g1: CodeElement | None, repertoire: Repertoire
) -> tuple[CodeElement | None, bytes]:
    """The set in use that has the character, else the first of the repertoire that has it."""
    candidates = [each for each in (g0, g1) if each is not None]
    for element in (*candidates, *repertoire.elements):
        code = element.encode(character)
        if code is not None:
            return element, code
    return None, b""


def _designated(raw: bytes, at: int) -> CodeElement | None:
    return next((ELEMENTS[e] for e in ELEMENTS if raw.startswith(e, at)), None)


def _character(raw: bytes, at: int, element: CodeElement | None) -> tuple[bytes, str | None]:
    """The bytes at this place that belong together, and their character if there is one."""
    if element is None:
        return raw[at : at + 1], None
    code = raw[at : at + element.width]
    text = element.decode(code) if len(code) == element.width else None
    broken = len(code) > 1 and ((code[1] ^ code[0]) & 0x80 or code[1] < 0x21)
    return (code[:1] if text is None and broken else code), text


def _shown(byte: int) -> str:
    names = {0x09: "TAB", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR"}
    return names.get(byte) or (f'"{chr(byte)}"' if byte >= 0x20 else f"control {byte:02X}")


def _unknown_escape(raw: bytes, at: int) -> str:
    return (
        f"byte {at}: {raw[at : at + 4].hex(' ').upper()} is no escape sequence of "
        "PS3.3 Tables C.12-3, C.12-4 (PS3.5 6.1.2.5.2)"
    )


def _misplaced_escape(element: CodeElement, at: int, repertoire: Repertoire) -> str:
    if not repertoire.extended:
        return (
            f"byte {at}: escape sequence for {element.name}, but (0008,0005) is not multi-valued, "
            "so code extension is not used (PS3.3 C.12.1.1.2)"
        )
    if element not in repertoire.elements:
        return (
            f"byte {at}: escape sequence for {element.name}, which (0008,0005) does not name "
            "(PS3.5 6.1.2.5.4)"
        )
    return ""


def _not_returned(g0: CodeElement, repertoire: Repertoire, where: str, at: int) -> str:
    if g0 is repertoire.g0:
        return ""
    return (
        f"byte {at}: {g0.name} is still in use {where}; {repertoire.g0.name} of value 1 must be "
        "active there (PS3.5 6.1.2.5.3)"
    )


def _unreadable(code: bytes, at: int, element: CodeElement | None) -> str:
    shown = code.hex(" ").upper()
    if element is None:
        return f"byte {at}: {shown} is outside 20-7E and no character set is in use for it"
    return f"byte {at}: {shown} is no character of {element.name}"
