"""The published schema of run.json, held against the records of real runs."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from dicomtest.spec.run import RunRecordModel


@pytest.fixture(scope="module")
def text(played):
    return (played / "run.json").read_text(encoding="utf-8")


def test_a_record_is_as_the_model_says_without_a_key_more(text):
    RunRecordModel.model_validate_json(text)


def test_the_schema_names_every_key_of_the_record(text, dicomtest):
    schema = json.loads(dicomtest("schema", "run").out)
    record = json.loads(text)

    assert set(record) <= set(schema["properties"])
    assert set(schema["required"]) <= set(record)
    for part, name in (("CheckEntry", "checks"), ("StepEntry", "steps"), ("FileEntry", "evidence")):
        assert set(schema["definitions"][part]["required"]) == set(record[name][0])
    assert "additionalProperties" not in schema  # a later version may say more


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.update(surprise=1),
        lambda record: record["checks"][0].update(outcome="fine"),
        lambda record: record["checks"][0].pop("cites"),
        lambda record: record["steps"][0].update(seconds="1"),
        lambda record: record.update(format=2),
    ],
)
def test_a_record_that_is_not_of_format_1_is_told(text, spoil):
    record = json.loads(text)
    spoil(record)

    with pytest.raises(ValidationError):
        RunRecordModel.model_validate_json(json.dumps(record))
