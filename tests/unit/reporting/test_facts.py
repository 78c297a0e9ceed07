"""What a run showed beyond verdicts."""

from __future__ import annotations

import pytest

from dicomtest.reporting.facts import (
    figures,
    held_up,
    observations,
    things_to_know,
    uid_name,
)
from dicomtest.reporting.grouping import group
from dicomtest.reporting.story import story, unjudged
from dicomtest.reporting.words import counts_of, message_of, worst


def test_at_most_five_things_are_to_know_and_the_worst_come_first(sample):
    for record in (sample.record(), sample.large(2000)):
        notes = things_to_know(record, group(record["checks"]), counts_of(record["checks"]))

        assert 1 <= len(notes) <= 5
        kinds = [each.kind for each in notes]
        assert kinds == sorted(kinds, key=["bad", "open", "info", "warn"].index)


def test_nothing_to_know_of_a_clean_run(sample):
    record = sample.record(checks=[sample.check("a")], deviations=[], left_behind=[])

    assert things_to_know(record, [], counts_of(record["checks"])) == []


@pytest.mark.parametrize(
    ("stalled", "count", "told"), [(0, 100, 0), (1, 1, 0), (4, 4, 0), (5, 100, 0), (30, 100, 30)]
)
def test_a_peer_is_said_to_hold_up_messages_only_where_it_is_a_pattern(stalled, count, told):
    step = {"timings": {"stalled_40ms": stalled, "exchanges": {"C-STORE": {"count": count}}}}

    assert held_up(step) == told


def test_only_uids_of_the_standard_are_looked_up():
    assert uid_name("1.2.840.10008.1.2.1") == "Explicit VR Little Endian"
    assert uid_name("1.2.3") == "1.2.3"
    assert uid_name("<b>") == "<b>"
    assert uid_name("1.2.840.10008." + "1" * 90).startswith("1.2.840")


def test_throughput_needs_bytes_and_one_service():
    timings = {"wire": 1.0, "peer": 1.0, "exchanges": {"C-STORE": {"count": 2, "bytes": 4000}}}

    assert figures({"timings": timings})[0].rate == 2000
    timings["exchanges"]["C-FIND"] = {"count": 1}
    assert [each.rate for each in figures({"timings": timings})] == [None, None]
    assert figures({}) == []


def test_observations_are_told_once_with_their_number(sample):
    record = sample.record()
    record["observations"] *= 3

    (found,) = observations(record)

    assert found.count == 3


def test_what_was_not_judged_is_grouped_by_reason(sample):
    checks = [sample.check(f"a.{n}", "blocked") for n in range(30)]

    (found,) = unjudged(sample.record(checks=checks))

    assert (found.outcome, found.count, len(found.checks)) == ("blocked", 30, 30)
    assert found.steps == [("ct-study", "2-store"), ("query", "1-query")]  # no check of its own


def test_the_worst_outcome_speaks_and_not_applicable_only_when_alone():
    assert worst(counts_of([{"outcome": "passed"}, {"outcome": "not-applicable"}])) == "passed"
    assert worst(counts_of([{"outcome": "not-applicable"}])) == "not-applicable"
    assert worst(counts_of([{"outcome": "passed"}, {"outcome": "failed"}])) == "failed"
    assert worst(counts_of([])) == "not-run"


def test_in_a_step_what_did_not_pass_stands_first(sample):
    step = story(sample.record())[0].steps[1]

    assert [each["outcome"] for each in step.worst_first] == [
        "failed", "accepted", "warned", "passed", "not-applicable",
    ]  # fmt: skip


def test_scenarios_and_steps_stay_in_story_order(sample):
    found = story(sample.record())

    assert [(each.name, [step.name for step in each.steps]) for each in found] == [
        ("ct-study", ["1-verify", "2-store"]),
        ("query", ["1-query"]),
        ("ris-worklist", []),
    ]
    assert found[2].not_run == "no RIS is named in the site file"


def test_a_message_that_repeats_the_values_is_left_out():
    said = {"expected": "0000", "actual": "A700", "message": "expected 0000, got A700, in x"}

    assert message_of(said) == ""
    assert message_of(said | {"message": "the disk is full"}) == "the disk is full"
    assert message_of({"reason": "blocked", "message": "blocked"}) == ""
