"""A copy of a run without patients' values, hosts and AE titles, to be sent to a vendor.

Every word of a sensitive value gets a word of its own, the same wherever it occurs: in the record,
in the evidence and in every data set. So what was different stays different, and what was equal
stays equal. UIDs stay, because a vendor needs them to find things in its logs; they say nothing
about a person.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dicomtest.errors import SetupError, UsageError
from dicomtest.inventory import inventory
from dicomtest.redacted_data import SENSITIVE, redacted, words_of
from dicomtest.reporting.record import read_record
from dicomtest.spec.base import ACTORS

# Texts of ours, and names of things that say nothing about a site.
_OURS = {
    "check", "cites", "requirement", "consequence", "fix", "rule", "scenario", "en", "zh", "level",
    "outcome", "verdict", "sha256", "transfer_syntax", "abstract_syntax", "sop_class",
    "sop_instance", "study", "series", "dicom_edition", "python", "pydicom", "pynetdicom", "run",
    "connection_id", "accepted", "kind", "side",
}  # fmt: skip
_PEOPLE = {"testers", "accepted_by", "user"}
_HOSTS = {"host", "hostname"}
_AE_TITLES = {"ae_title", "calling_ae_title", "called_ae_title", "calling", "called",
              "MoveDestination", "MoveOriginatorApplicationEntityTitle", "destination"}  # fmt: skip
_ADDRESS = re.compile(r"^(.+):([0-9]{1,5})$")
_KEPT_HOSTS = {"127.0.0.1", "localhost", "::1", "0.0.0.0"}
_COMMON = {*ACTORS, "dicomtest"}  # a device may be named like what it is
_DAY = re.compile(r"(18|19|20)[0-9]{6}")


class Redactor:
    """The words that are replaced, and by what."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._words: dict[str, str] = {}
        self._values: set[str] = set()
        self._wholes: dict[str, str] = {}
        self._days: set[str] = set()  # words that are a day, and not a day of birth
        self._pattern: re.Pattern[str] | None = None

    def learn_value(self, value: str, keyword: str = "") -> None:
        """Remember a patient's value and every word of it."""
        if value in self._values:
            return
        self._values.add(value)
        self._pattern = None
        birth = keyword == "PatientBirthDate"
        for word in words_of(value):
            key = word.casefold()
            if key in _COMMON:
                continue
            day = bool(_DAY.fullmatch(word))
            if birth:
                self._days.discard(key)
            elif day and key not in self._words:
                self._days.add(key)
            number = len(self._words) + 1
            other = f"1900{number % 12 + 1:02d}{number % 28 + 1:02d}" if day else f"X{number}"
            self._words.setdefault(key, other)

    def learn_whole(self, value: str, kind: str) -> None:
        """Remember a host, an AE title or a person's name."""
        value = value.strip()
        if value and value not in _KEPT_HOSTS and value not in self._wholes:
            number = sum(each.startswith(kind) for each in self._wholes.values()) + 1
            self._wholes[value] = f"{kind}{number}"
            self._pattern = None

    def value(self, value: str, keyword: str = "") -> str:
        """A patient's value in other words; delimiters and wild cards stay."""
        self.learn_value(value, keyword)
        parts = re.split(r"([\W_]+)", value)
        return "".join(self._words.get(each.casefold(), each) for each in parts)

    def whole(self, value: str, kind: str) -> str:
        """A host, an AE title or a person by another name."""
        self.learn_whole(value, kind)
        return self._wholes.get(value.strip(), value)

    def text(self, text: str) -> str:
        """A text in which every value and word that is known to be sensitive is replaced.

        A day that is only part of an identifier stays where it stands alone: it is likelier to
        be the day of the test.
        """
        if not text:
            return text
        if self._pattern is None:
            self._pattern = self._compiled()
        return self._pattern.sub(self._other, text)

    def _compiled(self) -> re.Pattern[str]:
        known = [each for each in self._words if len(each) > 1 and not _harmless(each)]
        known += [each for each in self._words if len(each) == 1 and not each.isascii()]
        known = [each for each in known if each not in self._days]
        known += [each for each in self._wholes if len(each) > 1]
        known += [each for each in self._values if len(each) > 1 and not _harmless(each)]
        ordered = sorted({re.escape(each) for each in known}, key=len, reverse=True)
        if not ordered:
            return re.compile(r"(?!)")
        inner = "|".join(ordered)
        return re.compile(rf"(?<![^\W_])(?:{inner})(?![^\W_])", re.IGNORECASE)

    def _other(self, found: re.Match[str]) -> str:
        word = found[0]
        if word in self._wholes:
            return self._wholes[word]
        if word in _COMMON or word.casefold() in self._days:
            return word
        parts = re.split(r"([\W_]+)", word)
        return "".join(self._words.get(each.casefold(), each) for each in parts)


def _harmless(word: str) -> bool:
    """Whether a word is too short a number to mean a person in running text."""
    return word.isdigit() and len(word) < 4


def redact_run(folder: Path, target: Path) -> dict[str, Any]:
    """Write a redacted copy of a run's record and evidence into `target`; give the record.

    Raises UsageError when the folder is no run or the target is not empty, SetupError when the
    target cannot be written.
    """
    record, digest = read_record(folder)
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty; name another folder")
    redactor = Redactor()
    steps = {path: json.loads(path.read_text(encoding="utf-8")) for path in _step_files(folder)}
    try:
        written: dict[str, str] = {}
        for value in steps.values():
            for reference in _references(value):
                _rewrite(reference, folder, target, written, redactor)
        for value in (record, *steps.values()):  # every word is known before a text is changed
            _learn(value, redactor)
        for path, value in steps.items():
            place = target / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            changed = _walk(value, redactor)
            place.write_text(json.dumps(changed, separators=(",", ":")), encoding="utf-8")
        tool = record["tool"]
        _drop_pictures(record)
        record = _walk({**record, "tool": {}}, redactor)
        record["tool"] = tool | {
            key: redactor.text(str(tool.get(key, ""))) for key in ("host", "user")
        }
        record["tool"]["command"] = "redacted"
        record["site"]["file"] = Path(str(record["site"].get("file", ""))).name
        record["evidence"] = inventory(target)
        record["redacted"] = {"of": digest}
        text = json.dumps(record, indent=1)
        (target / "run.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{target} cannot be written: {error}") from error
    return dict(record)


def _drop_pictures(record: dict[str, Any]) -> None:
    """Leave out the pictures of films: what is burnt in cannot be told from the rest."""
    for group in record.get("films") or ():
        for film in group.get("films") or ():
            film.update(picture="", file="", small="")


def _step_files(folder: Path) -> list[Path]:
    return sorted((folder / "evidence").glob("*/*.json"))


def _rewrite(
    reference: dict[str, Any],
    folder: Path,
    target: Path,
    written: dict[str, str],
    redactor: Redactor,
) -> None:
    """Put a redacted data set in the place of the one that is referred to."""
    name = reference.get("path")
    if name is None:
        reference["data"] = redacted(reference, folder, redactor).text
        return
    key = f"{name}:{reference.get('offset', 0)}"
    if key not in written:
        written[key] = f"evidence/data-sets/redacted-{len(written) + 1}.bin"
        place = target / written[key]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(redacted(reference, folder, redactor).content)
    reference["path"] = written[key]
    reference.pop("offset", None)


def _references(value: Any) -> Iterator[dict[str, Any]]:
    """Every reference to a data set in a step's evidence."""
    if isinstance(value, dict):
        if "transfer_syntax" in value and ("path" in value or "data" in value):
            yield value
            return
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _learn(value: Any, redactor: Redactor, key: str = "") -> None:
    """Find what is sensitive in JSON, by the keys under which it stands."""
    if isinstance(value, dict):
        for name, each in value.items():
            _learn(each, redactor, name)
    elif isinstance(value, list):
        for each in value:
            _learn(each, redactor, key)
    elif isinstance(value, str) and value:
        _learn_text(value, redactor, key)


def _learn_text(value: str, redactor: Redactor, key: str) -> None:
    if key in SENSITIVE or key == "patient_id":
        redactor.learn_value(value, key)
    elif key in _AE_TITLES:
        redactor.learn_whole(value, "AE")
    elif key in _HOSTS:
        redactor.learn_whole(value, "host-")
    elif key in _PEOPLE:
        redactor.learn_whole(value, "Person ")
    elif key == "address" and (found := _ADDRESS.match(value)):
        redactor.learn_whole(found[1], "host-")


def _walk(value: Any, redactor: Redactor, key: str = "") -> Any:
    """The same JSON with every sensitive word replaced."""
    if isinstance(value, dict):
        if "transfer_syntax" in value and ("path" in value or "data" in value):
            return value
        inner = {name: _walk(each, redactor, name) for name, each in value.items()}
        return {redactor.text(name) if key in _FREE else name: each for name, each in inner.items()}
    if isinstance(value, list):
        return [_walk(each, redactor, key) for each in value]
    if not isinstance(value, str) or key in _OURS or key in ("path", "evidence"):
        return value
    return redactor.text(value) if key not in SENSITIVE else redactor.value(value, key)


_FREE = {"statuses", "answers"}  # keys in them are labels, which may quote a value


def redacted_folder(folder: Path) -> Path:
    """Where the redacted copy of a run goes when nothing else is said; an old one is removed."""
    target = folder.with_name(f"{folder.name}-redacted")
    if (target / "run.json").is_file():
        shutil.rmtree(target)
    return target
