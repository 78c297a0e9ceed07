"""Printed films for the report: from the record alone, pictures and all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from dicomtest.reporting import text
from dicomtest.reporting.words import N_

MOST = 40  # films shown of a step
_PNG = b"\x89PNG\r\n\x1a\n"
ATTRIBUTES = {
    "format": N_("Layout"),
    "shows": N_("Shows"),
    "film": N_("Film"),
    "copies": N_("Copies"),
    "label": N_("Label"),
    "images": N_("Images"),
    "bits": N_("Bits"),
    "colour": N_("Colour"),
    "presentation_lut": N_("Presentation LUT"),
    "annotations": N_("Annotation"),
    "densities": N_("Densities"),
}
QUESTIONS = {
    "layout": N_("layout"),
    "text": N_("legible text"),
    "steps": N_("grey steps"),
    "colours": N_("order of the colours"),
    "densities": N_("measured densities (OD), from black"),
}
ANSWERS = {
    "yes": N_("yes"),
    "no": N_("no"),
    "measured on the simulated film": N_("measured on the simulated film"),
}


def printed(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the section of printed films shows, step by step; empty when nothing was printed."""
    return [_group(each) for each in record.get("films") or () if each.get("films")]


def _group(entry: Mapping[str, Any]) -> dict[str, Any]:
    scenario, step = str(entry.get("scenario", "")), str(entry.get("step", ""))
    films = list(entry.get("films") or ())
    answers = [
        {"question": QUESTIONS.get(str(each.get("question")), str(each.get("question", ""))),
         "answer": str(each.get("answer", "")), "by": str(each.get("by", "")),
         "at": str(each.get("at", ""))[:19].replace("T", " ")}
        for each in entry.get("answers") or ()
    ]  # fmt: skip
    return {
        "anchor": text.slug("films", scenario, step),
        "scenario": scenario,
        "step": step,
        "printer": str(entry.get("printer", "")),
        "simulated": bool(entry.get("simulated")),
        "answers": answers,
        "films": [_film(each) for each in films[:MOST]],
        "more": max(0, len(films) - MOST),
    }


def _film(film: Mapping[str, Any]) -> dict[str, Any]:
    attributes = film.get("attributes") or {}
    shows = ", ".join(str(each) for each in film.get("shows") or ())
    return {
        "number": film.get("number", 0),
        "by": str(film.get("by", "")),
        "at": film.get("at") or 0.0,
        "what": shows or str(attributes.get("format", "")),
        "picture": _picture(film.get("picture")),
        "link": text.href(film.get("file")),
        "attributes": [(ATTRIBUTES[name], said) for name, said in _said(attributes, shows) if said],
        "remarks": [
            {key: str(each.get(key, "")) for key in ("what", "status", "comment")}
            for each in film.get("remarks") or ()
        ],
    }


def _said(attributes: Mapping[str, Any], shows: str) -> Iterator[tuple[str, str]]:
    """The attributes worth showing, in words."""
    yield "format", str(attributes.get("format") or "")
    yield "shows", shows
    film = [attributes.get(each) for each in ("size", "orientation", "medium", "destination")]
    yield "film", ", ".join(str(each) for each in film if each)
    yield "label", str(attributes.get("label") or "")
    copies = attributes.get("copies")
    yield "copies", "" if copies in (None, 1) else str(copies)
    images, boxes = attributes.get("images"), attributes.get("boxes")
    yield "images", f"{images} / {boxes}" if boxes and images is not None else str(images or "")
    yield "bits", ", ".join(str(each) for each in attributes.get("bits") or ())
    yield "colour", N_("yes") if attributes.get("colour") else ""
    yield "presentation_lut", str(attributes.get("presentation_lut") or "")
    yield "annotations", ", ".join(str(each) for each in attributes.get("annotations") or ())
    low, high = attributes.get("min_density"), attributes.get("max_density")
    known = low is not None and high is not None and not attributes.get("colour")
    yield "densities", f"{low} - {high} OD" if known else ""


def _picture(encoded: object) -> str:
    """The base64 of a PNG; "" for anything else that a record may hold."""
    try:
        data = base64.b64decode(str(encoded or ""), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(data).decode("ascii") if data.startswith(_PNG) else ""
