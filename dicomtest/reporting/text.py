"""Text from real systems is hostile: made harmless once, before anything formats it.

Escaping for HTML and XML is the business of the template engine and of the XML writer. What they
let through is dealt with here: characters that steer a terminal, that XML forbids, that turn the
direction of writing or that cannot be encoded. They stay visible as an escape (`\\x1b`), because
an auditor must see that they were there.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"  # invisible, directional
    "\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f"  # specials, lone surrogates, tags
    "]"
)


_UID = re.compile(r"\b(?:2\.25\.[0-9]+|[0-9]+(?:\.[0-9]+){4,})(?:\.[0-9]+)*\b")
_OURS = re.compile(r"\b[A-Za-z][A-Za-z0-9_]*[0-9a-f]{4}-[\w^=-]*|\bDT[-_][A-Za-z0-9_-]+")
_STANDARD = "1.2.840.10008."


def without_names(text: str) -> str:
    """Put a word for every UID and test patient of a run, so that two texts can be compared.

    UIDs of the standard stay: they say what a thing is.
    """
    text = _UID.sub(lambda uid: uid[0] if uid[0].startswith(_STANDARD) else "UID", text)
    return _OURS.sub("DT-…", text)


def _visible(match: re.Match[str]) -> str:
    number = ord(match.group())
    if match.group() == "\ufffd":
        return match.group()  # the replacement character is meant to be seen
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def clean(text: str) -> str:
    """Make characters that steer, hide or cannot be encoded visible as escapes."""
    return _UNSAFE.sub(_visible, text)


def scrub(value: Any) -> Any:
    """Clean every text of a JSON value, keys included; numbers and None stay as they are."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): scrub(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrub(each) for each in value]
    return value


def one_line(text: object) -> str:
    """Clean a text and put it on one line: no line feed from the wire may forge a line of ours."""
    return " ".join(clean(str(text)).split())


def bounded(text: object, limit: int = 2000) -> str:
    """Cut a text that is longer than `limit` characters, saying how many are missing."""
    whole = str(text)
    if len(whole) <= limit:
        return whole
    return f"{whole[:limit]} … (+{len(whole) - limit})"


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: wide East Asian characters take two."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def fit(text: str, width: int) -> str:
    """Cut a text to so many columns of a terminal, with an ellipsis where something is missing."""
    if columns(text) <= width:
        return text
    kept, used = [], 0
    for each in text:
        used += columns(each)
        if used > width - 1:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def href(path: object) -> str | None:
    """A relative link to a file of the run folder, percent-encoded; None for anything else.

    Only paths below `evidence/` become links: no scheme, no absolute path, no step upwards.
    """
    text = str(path or "").replace("\\", "/")
    parts = PurePosixPath(text).parts
    if len(parts) < 2 or parts[0] != "evidence" or ".." in parts:
        return None
    return quote("/".join(parts))


def slug(*parts: object) -> str:
    """An element id from names: ASCII letters, digits and hyphens, never empty."""
    text = "-".join(re.sub(r"[^A-Za-z0-9]+", "-", str(part)).strip("-") for part in parts)
    return text.strip("-").lower() or "x"
