"""Character repertoires (PS3.5 6.1; defined terms of PS3.3 C.12.1.1.2)."""

from __future__ import annotations

from pydicom.charset import convert_encodings, decode_bytes, encode_string
from pydicom.config import IGNORE
from pydicom.valuerep import PersonName

WHOLE = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
SINGLE = {
    "": "ascii",
    "ISO_IR 6": "ascii",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 203": "iso8859-15",
    "ISO_IR 166": "tis-620",
    "ISO_IR 13": "shift_jis",
} | WHOLE
TEXT_DELIMITERS = set(b"\n\r\f\t\\")


def decode_text(data: bytes, charset: tuple[str, ...], vr: str) -> str:
    """Decode; what the declared repertoire cannot hold is read as Latin-1."""
    if len(charset) <= 1:
        try:
            return data.decode(_codec(charset) or "latin-1")
        except UnicodeDecodeError:
            return data.decode("latin-1")
    try:
        encodings = convert_encodings(list(charset))
        if vr == "PN":
            return str(PersonName(data, encodings, validation_mode=IGNORE).decode(encodings))
        return str(decode_bytes(data, encodings, TEXT_DELIMITERS))
    except (LookupError, UnicodeError, UserWarning):
        return data.decode("latin-1")


def encode_text(text: str, charset: tuple[str, ...], vr: str) -> bytes:
    """Encode one value; a character outside the repertoire becomes '?'."""
    if text.isascii():
        return text.encode("ascii")
    if len(charset) <= 1 or not fits(text, charset):
        return text.encode(_codec(charset) or "ascii", "replace")
    encodings = convert_encodings(list(charset))
    if vr == "PN":
        return bytes(PersonName(text, encodings, validation_mode=IGNORE).encode(encodings))
    return bytes(encode_string(text, encodings))


def fits(text: str, charset: tuple[str, ...]) -> bool:
    """Whether every character of the text is in the repertoire."""
    if text.isascii():
        return True
    if len(charset) <= 1:
        return _encodable(text, _codec(charset) or "ascii")
    try:
        encodings = convert_encodings(list(charset))
    except (LookupError, UserWarning):
        return False
    if not charset[0]:
        encodings[0] = "ascii"  # pydicom reads the default repertoire as Latin-1
    return all(any(_encodable(each, codec) for codec in encodings) for each in text)


def _codec(charset: tuple[str, ...]) -> str | None:
    term = charset[0].replace("ISO 2022 IR", "ISO_IR") if charset else ""
    return SINGLE.get(term)


def _encodable(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except (UnicodeError, LookupError):
        return False
    return True
