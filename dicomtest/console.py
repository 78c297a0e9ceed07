"""What the user sees: every line goes through here.

Texts are UTF-8 where the console allows it; a character that it cannot show becomes `?` instead
of an error (a Windows console may be cp936 or cp1252). Colour only on a terminal, and never when
NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO

GREEN, YELLOW, RED, BOLD = "32", "33", "31;1", "1"


def set_up() -> None:
    """Make standard output and error take any text; called once, when the program starts."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"  # a terminal knows its own encoding
            stream.reconfigure(encoding=encoding, errors="replace")


def write(text: str = "", *, end: str = "\n") -> None:
    """Print to standard output."""
    _write(sys.stdout, text + end)


def complain(text: str) -> None:
    """Print to standard error."""
    with contextlib.suppress(OSError):  # nobody is left to read it
        sys.stdout.flush()
    _write(sys.stderr, text + "\n")


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:  # a stream that `set_up` could not change
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def colour() -> bool:
    """Whether standard output takes colour."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() and _understands_escapes()


def _understands_escapes() -> bool:
    if sys.platform != "win32":
        return True
    os.system("")  # makes the Windows console obey escape sequences for this process
    return True


def paint(text: str, code: str) -> str:
    """The text in a colour (GREEN, YELLOW, RED, BOLD), or as it is where there is none."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour() else text


def table(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> str:
    """Rows with aligned columns; wide characters (Chinese) count as two."""
    if not rows:
        return ""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row)]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text if not combining(each))


def ask(question: str, default: str = "") -> str:
    """Ask a person; Enter takes the default. Raises EOFError when nobody can answer."""
    hint = f" [{default}]" if default else ""
    write(f"{question}{hint}: ", end="")
    line = sys.stdin.readline()
    if not line:
        write()
        raise EOFError
    return line.strip() or default
