"""Gettext catalogues of the report, read from `.po` files as translators edit them.

Every `*.po` under `reports/locale/LANGUAGE/LC_MESSAGES` belongs to one catalogue: the texts of
the report and the texts of the checks may lie in files of their own. English is the msgid.
"""

from __future__ import annotations

import ast
import gettext
import io
import struct
from functools import lru_cache
from pathlib import Path

from dicomtest.errors import UsageError
from dicomtest.resources import reports_dir

ENGLISH = "en"


def languages() -> list[str]:
    """The languages a report can be written in, English first."""
    found = (reports_dir() / "locale").glob("*/LC_MESSAGES")
    return [ENGLISH, *sorted(each.parent.name for each in found)]


def choose(wanted: str | None, recorded: object) -> str:
    """The language of a report: the one asked for, else that of the site, else English.

    Raises UsageError when the language asked for has no catalogue.
    """
    available = languages()
    for name in (wanted, recorded):
        base = str(name or "").replace("_", "-").split("-")[0].lower()
        if base in available:
            return base
        if name is not None and name is wanted:
            known = ", ".join(available)
            raise UsageError(f"no report in language {name!r}; there are: {known}")
    return ENGLISH


@lru_cache(maxsize=8)
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; texts that it lacks stay English."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    messages: dict[str, str] = {}
    for path in sorted((reports_dir() / "locale" / language / "LC_MESSAGES").glob("*.po")):
        for msgid, msgstr in read_po(path).items():
            messages.setdefault(msgid, msgstr)
    return gettext.GNUTranslations(io.BytesIO(_mo(messages)))


def read_po(path: Path) -> dict[str, str]:
    """Read a catalogue: msgid (singular, NUL, plural) to msgstr (forms joined by NUL).

    A msgctxt stands before its msgid, with EOT between them, as gettext keys it.

    Entries that are fuzzy, obsolete or not translated are left out. Raises ValueError, with file
    and line, for a line that is not of the format.
    """
    messages: dict[str, str] = {}
    entry: dict[str, str] = {}
    field = ""
    fuzzy = False

    def finish() -> None:
        nonlocal entry, field, fuzzy
        forms = [entry[key] for key in sorted(entry) if key.startswith("msgstr")]
        if forms and all(forms) and not fuzzy:
            ids = [entry[key] for key in ("msgid", "msgid_plural") if key in entry]
            if "msgctxt" in entry:
                ids[0] = f"{entry['msgctxt']}\x04{ids[0]}"
            messages["\0".join(ids)] = "\0".join(forms)
        if forms:
            entry, field, fuzzy = {}, "", False

    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            finish()
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        try:
            if not line.startswith('"'):
                key, _, line = line.partition(" ")
                if key == "msgctxt" or (key == "msgid" and "msgctxt" not in entry):
                    finish()
                field, entry[key] = key, ""
            entry[field] += ast.literal_eval(line)
        except (ValueError, SyntaxError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number}: not a line of a gettext catalogue") from error
    finish()
    return messages


def _mo(messages: dict[str, str]) -> bytes:
    """The compiled form that `gettext.GNUTranslations` reads (GNU gettext manual, MO files)."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    count = len(pairs)
    offset = 28 + 16 * count
    tables: list[int] = []
    for column in (0, 1):
        for pair in pairs:
            tables += [len(pair[column]), offset]
            offset += len(pair[column]) + 1
    header = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, offset)
    strings = b"".join(pair[column] + b"\0" for column in (0, 1) for pair in pairs)
    return header + struct.pack(f"<{4 * count}I", *tables) + strings
