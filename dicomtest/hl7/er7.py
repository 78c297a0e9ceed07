"""HL7 messages in the vertical bar encoding (HL7 v2.5.1, 2.5 to 2.7).

A segment is a list: its name, then its fields, so that field 3 of PID is `pid[3]` as the
standard counts. In MSH the field separator itself is field 1. A field is text with its
delimiters; `escaped` makes text that has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Segment = list[str]

DELIMITERS = "^~\\&"
_ESCAPED = {
    "\\": "\\E\\",
    "|": "\\F\\",
    "^": "\\S\\",
    "&": "\\T\\",
    "~": "\\R\\",
    "\r": "\\X0D\\",
    "\n": "\\X0A\\",
}
# Values of HL7 table 0211 and the codec of each, the narrowest first.
CHARACTER_SETS = {"": "ascii", "8859/1": "iso8859-1", "UNICODE UTF-8": "utf-8"}


def escaped(text: str) -> str:
    """Text as it stands inside a field, without a delimiter in it (HL7 v2.5.1 2.7)."""
    return "".join(_ESCAPED.get(each, each) for each in text)


def components(*values: str) -> str:
    """A field of these components; empty ones at the end are left out."""
    return "^".join(escaped(each) for each in values).rstrip("^")


def segment(name: str, fields: Mapping[int, str]) -> Segment:
    """A segment with these fields by number; the others are empty."""
    last = max(fields, default=0)
    return [name, *(fields.get(number, "") for number in range(1, last + 1))]


def encoded(segments: Sequence[Segment]) -> bytes:
    """The message in the character set that its MSH-18 declares."""
    codec = CHARACTER_SETS.get(get(segments, "MSH", 18), "utf-8")
    return "".join(f"{_line(each)}\r" for each in segments).encode(codec, "replace")


def parsed(message: bytes) -> list[Segment]:
    """The segments of a message; never raises for what a real system may send."""
    text = message.decode("utf-8", "replace")
    separator = text[3:4] or "|"
    segments = []
    for line in text.replace("\r\n", "\r").replace("\n", "\r").split("\r"):
        if line.strip():
            fields = line.split(separator)
            segments.append([fields[0], separator, *fields[1:]] if fields[0] == "MSH" else fields)
    return segments


def get(segments: Sequence[Segment], name: str, number: int, component: int = 1) -> str:
    """A component of a field of the first such segment; "" when there is none."""
    for each in segments:
        if each[0] == name and number < len(each):
            parts = each[number].split("^")
            return parts[component - 1] if component <= len(parts) else ""
    return ""


def fitting_character_set(texts: Sequence[str]) -> str:
    """The narrowest value of MSH-18 that holds all of the text."""
    for name, codec in CHARACTER_SETS.items():
        try:
            for each in texts:
                each.encode(codec)
        except UnicodeEncodeError:
            continue
        return name
    return "UNICODE UTF-8"


def _line(fields: Segment) -> str:
    if fields[0] == "MSH":
        return "|".join([f"MSH|{fields[2]}", *fields[3:]]).rstrip("|")
    return "|".join(fields).rstrip("|")
