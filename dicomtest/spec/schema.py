"""JSON Schema of the YAML files, for editors.

The YAML language server of the common editors reads draft-07, pydantic writes 2020-12; the two
differ here in the names of a few keywords only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

DRAFT = "http://json-schema.org/draft-07/schema#"
KINDS = ("site", "scenario", "simulator", "run")


def json_schema(kind: str, models: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of one kind of file; `models` are the step kinds' parameters (for scenarios).

    Raises KeyError for a kind that does not exist.
    """
    from dicomtest.spec.profile import Profile, profile_names
    from dicomtest.spec.run import RunRecordModel
    from dicomtest.spec.scenario import ScenarioModel
    from dicomtest.spec.site import SiteModel

    files: dict[str, type[BaseModel]] = {
        "site": SiteModel,
        "scenario": ScenarioModel,
        "simulator": Profile,
        "run": RunRecordModel,
    }
    schema = files[kind].model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = schema.pop("$defs", {})
    if kind == "scenario":
        definitions |= _steps(schema, models)
    if kind == "site":
        definitions["Simulator"]["properties"]["profile"]["examples"] = list(profile_names())
    if kind == "run":  # later versions may add keys
        for each in (schema, *definitions.values()):
            each.pop("additionalProperties", None)
    converted = _draft_07({**schema, "definitions": definitions})
    return {"$schema": DRAFT, **converted}


def _steps(schema: dict[str, Any], models: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """Describe each step as one key, the kind, over the parameters of that kind."""
    if not models:
        return {}
    pairs = [(model, "validation") for model in models.values()]
    refs, top = models_json_schema(
        pairs,  # type: ignore[arg-type]  # the literal "validation" widens to str in a list
        by_alias=True,
        ref_template="#/definitions/{model}",
    )
    variants = [
        {
            "type": "object",
            "properties": {kind: refs[(model, "validation")]},
            "required": [kind],
            "additionalProperties": False,
        }
        for kind, model in models.items()
    ]
    schema["properties"]["steps"]["items"] = {"anyOf": variants}
    return dict(top.get("$defs", {}))


def _draft_07(value: Any) -> Any:
    """Rewrite what 2020-12 says in other words than draft-07."""
    if isinstance(value, list):
        return [_draft_07(each) for each in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, inner in value.items():
        if key == "prefixItems":
            result["items"] = _draft_07(inner)
            if isinstance(value.get("items"), bool | dict):
                result["additionalItems"] = _draft_07(value["items"])
        elif key == "items" and "prefixItems" in value:
            continue
        elif key == "dependentRequired":
            result["dependencies"] = inner
        else:
            result[key] = _draft_07(inner)
    if "patternProperties" in result:  # keys with a pattern: pydantic lets others pass
        result.setdefault("additionalProperties", False)
    if "$ref" in result and len(result) > 1:  # draft-07 ignores what stands beside a $ref
        result["allOf"] = [{"$ref": result.pop("$ref")}, *result.get("allOf", [])]
    return result
