"""The JSON Schemas are draft-07, say what every key is for, and take the shipped files."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dicomtest.resources import scenarios_dir, simulators_dir
from dicomtest.spec.schema import json_schema
from dicomtest.spec.yaml import read
from dicomtest.transactions import step_models

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> list[str]:
    """What a draft-07 validator would mark in an editor; knows the words that occur."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        return faults(value, root["definitions"][name], root, at)
    found = [one for each in schema.get("allOf", ()) for one in faults(value, each, root, at)]
    if "anyOf" in schema and all(faults(value, each, root, at) for each in schema["anyOf"]):
        found.append(f"{at}: {value!r} fits no variant")
    kind = schema.get("type")
    number = isinstance(value, bool) and kind in ("integer", "number")
    if kind and (number or not isinstance(value, TYPES[kind])):
        return [*found, f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not among {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} does not match {schema['pattern']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value} is out of range")
    if "maximum" in schema and value > schema["maximum"]:
        found.append(f"{at}: {value} is out of range")
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += faults(item, schema.get("items", {}), root, f"{at}/{number}")
    if isinstance(value, dict):
        found += mapping_faults(value, schema, root, at)
    return found


def mapping_faults(value: dict[str, Any], schema: Any, root: Any, at: str) -> list[str]:
    known = schema.get("properties", {})
    by_pattern = schema.get("patternProperties", {})
    other = schema.get("additionalProperties", {})
    found = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, inner in value.items():
        if name in known:
            found += faults(inner, known[name], root, f"{at}/{name}")
        elif patterns := [each for each in by_pattern if re.search(each, name)]:
            found += faults(inner, by_pattern[patterns[0]], root, f"{at}/{name}")
        elif other is False:
            found.append(f"{at}: {name} is unknown")
        elif isinstance(other, dict):
            found += faults(inner, other, root, f"{at}/{name}")
    return found


def walk(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            yield from walk(inner)


@pytest.mark.parametrize("kind", ["site", "scenario", "simulator"])
def test_a_schema_uses_the_words_of_draft_07(kind):
    schema = json_schema(kind, step_models())

    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    text = json.dumps(schema)
    for word in ("$defs", "prefixItems", "dependentRequired", "unevaluatedProperties"):
        assert f'"{word}"' not in text
    for part in walk(schema):
        if isinstance(part, dict) and "$ref" in part:
            assert list(part) == ["$ref"]
            name = part["$ref"].removeprefix("#/definitions/")
            assert name in schema["definitions"]


@pytest.mark.parametrize("kind", ["site", "scenario", "simulator"])
def test_every_key_is_described(kind):
    schema = json_schema(kind, step_models())

    for part in walk(schema):
        if isinstance(part, dict) and part.get("type") == "object" and "properties" in part:
            for name, described in part["properties"].items():
                if name in step_models():
                    continue
                assert "description" in described or "allOf" in described, (part["title"], name)


def test_the_site_schema_bounds_ports_and_titles():
    system = json_schema("site", {})["definitions"]["System"]["properties"]

    assert (system["port"]["minimum"], system["port"]["maximum"]) == (1, 65535)
    assert system["ae_title"]["maxLength"] == 16


def test_the_scenario_schema_knows_the_kinds_of_steps():
    items = json_schema("scenario", step_models())["properties"]["steps"]["items"]

    assert {next(iter(each["properties"])) for each in items["anyOf"]} == set(step_models())


def test_no_other_kind_of_schema_exists():
    with pytest.raises(KeyError):
        json_schema("toaster", {})


def test_an_editor_marks_nothing_in_the_shipped_files():
    shipped = {"scenario": scenarios_dir(), "simulator": simulators_dir()}
    for kind, folder in shipped.items():
        schema = json_schema(kind, step_models())
        for path in folder.glob("*.yaml"):
            for document in read(path).documents:
                assert faults(document, schema, schema, path.name) == []


SITE = """\
site: S
systems:
  pacs: {ae_title: P, host: h, port: 104, serves: store, tls: {verify: false}}
  ct: {actor: modality, ae_title: C, host: h, port: 104, trigger: {wait: true}}
simulators: {modality-2: {profile: ct, port: 11115}}
limits: {connect: 500 ms, step: 600}
testers: A. Person
deviations: [{check: c, why: w, accepted_by: p, until: 2030-01-01}]
"""


@pytest.mark.parametrize(
    ("change", "marked"),
    [
        (("site: S", "site: S"), ""),
        (("port: 104", "port: 70000"), "/systems/pacs/port: 70000 is out of range"),
        (("host: h", "hots: h"), "/systems/pacs: hots is unknown"),
        (("500 ms", "soon"), "/limits/connect: 'soon' fits no variant"),
        (("modality-2", "toaster"), "/simulators: toaster is unknown"),
    ],
)
def test_an_editor_marks_what_is_wrong_in_a_site(tmp_path, change, marked):
    path = tmp_path / "site.yaml"
    path.write_text(SITE.replace(*change, 1), encoding="utf-8")
    schema = json_schema("site", {})

    found = faults(read(path).documents[0], schema, schema)

    assert (marked in found) if marked else found == []
