"""The films of a run, for its record: what each shows, who printed it, what was said of it.

A small picture of a film that a simulated printer drew is part of the record, as long as there
are not too many; the whole picture lies in the evidence. Of a real printer's films it is known
what they should look like.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dicomtest.evidence import Association, Exchange, StepEvidence
from dicomtest.findings import hex_status

LARGEST = 48 * 1024  # bytes of one small picture in the record
ALL = 3 * 1024 * 1024  # bytes of all of them
_FILM_BOX = "1.2.840.10008.5.1.1.2"
_ATTRIBUTES = (
    "format", "size", "orientation", "medium", "destination", "copies", "label", "boxes",
    "images", "positions", "colour", "bits", "presentation_lut", "annotations", "min_density",
    "max_density", "width", "height",
)  # fmt: skip


def films(steps: Sequence[StepEvidence], folder: Path) -> list[dict[str, Any]]:
    """Every step that printed films: its printer, the films, and what a person said of them."""
    left, found = ALL, []
    for step in steps:
        drawn = step.facts.get("films") or step.facts.get("expected") or ()
        made = [_film(step, each) for each in drawn]
        made = made or [_sent(step, n, each) for n, each in enumerate(_sheets(step), start=1)]
        if step.kind != "print" or not made:
            continue
        for each in made:
            each["picture"] = _picture(folder / each["small"], left) if each["small"] else ""
            left -= len(each["picture"])
        player = step.players.get(step.scp)
        found.append(
            {
                "scenario": step.scenario,
                "step": step.step,
                "printer": step.scp,
                "simulated": player is None or player.simulated,
                "answers": _answers(step),
                "films": made,
            }
        )
    return found


def _sheets(step: StepEvidence) -> Iterator[dict[str, Any]]:
    """What was sent to be printed on purpose, film by film, as far as the printer took it."""
    for each in step.facts.get("sheets") or ():
        if each.get("label") == "print" and each.get("images"):
            yield each


def _film(step: StepEvidence, facts: dict[str, Any]) -> dict[str, Any]:
    """A film that a simulated printer drew."""
    shown = {each["film_box"]: each for each in _sheets(step)}.get(facts.get("film_box", ""), {})
    return {
        "number": facts.get("number", 0),
        "by": facts.get("by", ""),
        "at": facts.get("at", 0.0),
        "file": facts.get("file", ""),
        "small": facts.get("small", ""),
        "shows": list(dict.fromkeys((shown.get("images") or {}).values())),
        "attributes": {key: facts[key] for key in _ATTRIBUTES if facts.get(key) not in (None, "")},
        "remarks": _remarks(step, facts.get("film_box", "")),
    }


def _sent(step: StepEvidence, number: int, sheet: dict[str, Any]) -> dict[str, Any]:
    """A film that a real printer was sent."""
    player = step.players.get(step.scu)
    wanted = {key: value for key, value in _wishes(step) if value not in (None, "")}
    return {
        "number": number,
        "by": player.ae_title if player else "",
        "at": step.started,
        "file": "",
        "small": "",
        "shows": list(dict.fromkeys(sheet["images"].values())),
        "attributes": {
            "format": sheet.get("format", ""),
            "boxes": sheet.get("boxes"),
            "images": len(sheet["images"]),
            "positions": sorted(int(each) for each in sheet["images"]),
            "bits": [sheet["bits"]] if sheet.get("bits") else [],
            **wanted,
        },
        "remarks": _remarks(step, sheet.get("film_box", "")),
    }


def _wishes(step: StepEvidence) -> Iterator[tuple[str, Any]]:
    film = step.parameters.get("film") or {}
    for key in ("size", "orientation", "medium", "destination", "label"):
        yield key, film.get(key)
    for key in ("copies", "presentation_lut", "colour"):
        yield key, step.parameters.get(key)


def _picture(path: Path, left: int) -> str:
    """A small picture in base64; "" when it is not there, or there are too many."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    text = base64.b64encode(data).decode("ascii")
    return text if len(data) <= LARGEST and len(text) <= left else ""


def _answers(step: StepEvidence) -> list[dict[str, str]]:
    """What was said of the films, question by question."""
    return [
        {"question": name, **{key: str(each.get(key) or "") for key in ("answer", "by", "at")}}
        for name, each in (step.facts.get("operator") or {}).items()
    ]


def _remarks(step: StepEvidence, film_box: str) -> list[dict[str, str]]:
    """Whatever was not a plain success while a film was made: warnings and failures."""
    found = []
    for association in step.associations:
        for exchange in _of_film(association, film_box):
            if exchange.status not in (None, 0) and exchange.final is not None:
                comment = str(exchange.final.command.get("ErrorComment") or "")
                found.append(
                    {"what": f"{exchange.service} {exchange.label}".strip(),
                     "status": hex_status(exchange.status), "comment": comment}
                )  # fmt: skip
    return found


def _of_film(association: Association, film_box: str) -> Iterable[Exchange]:
    """The exchanges from the N-CREATE of a film box to that of the next one."""
    inside = False
    for exchange in association.exchanges:
        if exchange.service == "N-CREATE" and exchange.sop_class == _FILM_BOX:
            told = exchange.final.command.get("AffectedSOPInstanceUID") if exchange.final else ""
            inside = bool(film_box) and film_box in (exchange.sop_instance, str(told or ""))
        if inside and exchange.service != "N-GET":
            yield exchange
