"""The JSON Schemas are draft-07, say what every key is for, and take the shipped files."""

from __future__ import annotations

import json

import pytest

from dicomtest.spec.schema import json_schema
from dicomtest.transactions import step_models


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
