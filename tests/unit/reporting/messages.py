"""Which texts the catalogues must hold: found in templates and code, not listed by hand.

Run as a script, it lists what a language lacks, as entries ready to be filled in:

    python tests/unit/reporting/messages.py zh >> reports/locale/zh/LC_MESSAGES/checks.po
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from dicomtest import checks, judging, reporting
from dicomtest.reporting.html import environment
from dicomtest.reporting.translations import read_po
from dicomtest.resources import reports_dir


def report_messages() -> set[str]:
    """The msgids of the report: of its templates, and those marked with `N_` in the code.

    A text with a plural is given as gettext keys it: singular, NUL, plural.
    """
    found: set[str] = set()
    templates = environment("en")
    for path in reports_dir().rglob("*.html.j2"):
        for _, _, message in templates.extract_translations(path.read_text(encoding="utf-8")):
            texts = [message] if isinstance(message, str) else [each for each in message if each]
            if texts:  # none: a variable, whose texts are marked where they stand
                found.add("\0".join(texts))
    for path in Path(reporting.__file__).parent.rglob("*.py"):
        found.update(_marked(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def check_messages() -> set[str]:
    """The texts of all checks that a report prints: requirement, consequence, fix, reasons."""
    found = {
        text
        for each in checks.all_checks().values()
        for text in (each.requirement, each.consequence, each.fix)
        if text
    }
    for path in (*Path(checks.__file__).parent.glob("*.py"), Path(judging.__file__)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        raised = (_calls(tree, name) for name in ("NotApplicable", "NotRun", "Blocked"))
        for call in (each for calls in raised for each in calls):
            found.update(each.value for each in call.args if isinstance(each, ast.Constant))
        for call in _calls(tree, "Verdict"):
            reasons = (each.value for each in call.keywords if each.arg == "reason")
            found.update(each.value for each in reasons if isinstance(each, ast.Constant))
        found.update(f"value\x04{each}" for each in _phrases(tree))
    return found


def _phrases(tree: ast.AST) -> Iterator[str]:
    """The words with which checks say what is expected and what was there."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        places = [each.value for each in call.keywords if each.arg in ("expected", "actual")]
        if isinstance(call.func, ast.Name) and call.func.id == "judge":
            places += call.args
        for text in (text for place in places for text in _constants(place)):
            if any(letter.islower() for letter in text):  # others are values of the standard
                yield text


def _constants(place: ast.AST) -> Iterator[str]:
    if isinstance(place, ast.Constant) and isinstance(place.value, str):
        yield place.value
    elif isinstance(place, ast.IfExp):
        yield from (*_constants(place.body), *_constants(place.orelse))
    elif isinstance(place, ast.BoolOp):
        yield from (text for each in place.values for text in _constants(each))


def translated(language: str) -> set[str]:
    """The msgids that have a translation."""
    folder = reports_dir() / "locale" / language / "LC_MESSAGES"
    return {msgid for path in folder.glob("*.po") for msgid in read_po(path)}


def _marked(tree: ast.AST) -> Iterator[str]:
    """The texts marked with `N_`; those of a Note with a plural go together."""
    paired: set[ast.AST] = set()
    for call in _calls(tree, "Note"):
        plural = next((each.value for each in call.keywords if each.arg == "plural"), None)
        if plural is not None:
            paired |= {call.args[1], plural}
            yield f"{_text(call.args[1])}\0{_text(plural)}"
    for call in _calls(tree, "N_"):
        if call not in paired:
            yield _text(call)


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == name:
            yield each


def _text(call: ast.AST) -> str:
    assert isinstance(call, ast.Call)
    return ast.literal_eval(call.args[0])


def entries(msgids: Iterable[str]) -> str:
    """Empty entries of a catalogue for these msgids."""
    lines = []
    for msgid in sorted(msgids):
        context, _, text = msgid.rpartition("\x04")
        singular, _, plural = (json.dumps(each, ensure_ascii=False) for each in _parts(text))
        lines += [f"msgctxt {json.dumps(context)}"] if context else []
        lines += [f"msgid {singular}"]
        lines += (
            [f"msgid_plural {plural}", 'msgstr[0] ""', ""] if "\0" in msgid else ['msgstr ""', ""]
        )
    return "\n".join(lines)


def _parts(msgid: str) -> tuple[str, str, str]:
    return msgid.partition("\0")


if __name__ == "__main__":
    missing = (report_messages() | check_messages()) - translated(sys.argv[1])
    sys.stdout.buffer.write(entries(missing).encode("utf-8"))
    sys.stderr.write(f"{len(missing)} texts are not translated\n")
