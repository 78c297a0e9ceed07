"""What the comparison of two records tells, and what it leaves alone."""

from __future__ import annotations

import copy
import json
import random
import re

import pytest

from dicomtest.reporting.comparison import compare
from dicomtest.reporting.comparison.html import comparison_page
from dicomtest.reporting.comparison.places import stable
from dicomtest.reporting.comparison.text import comparison_text
from dicomtest.reporting.comparison.times import stratified_rank_sum


@pytest.fixture
def old(sample):
    """A run with everything in it that is compared."""
    record = sample.record()
    record["steps"][1]["observed"] = {
        "statuses": {"C-STORE": {"0000": 12}},
        "answers": {"1.presence": 3},
        "order": "as stored",
        "keys": {"STUDY": {"PatientName": "value", "StudyID": "empty", "StudyTime": "value"}},
    }
    record["steps"][1]["associations"][1].update(
        seen_from="requestor", max_pdu=16384, implementation="1.2.276.0.7230010.3.0", version="A_1"
    )
    return record


@pytest.fixture
def new(old):
    return copy.deepcopy(old)


def outcome(record, check, value, **changes):
    for each in record["checks"]:
        if each["check"] == check:
            each.update(outcome=value, **changes)


def kinds(changes):
    return {(each["check"], each["kind"]) for each in changes["checks"]}


def observed(changes):
    return {
        (each["what"], each["subject"], each["old"], each["new"]) for each in changes["observed"]
    }


def test_two_equal_records_have_no_change(old, new):
    changes = compare(old, new)

    assert not changes["worse"]
    assert [changes[key] for key in ("checks", "scenarios", "observed", "timings", "settings")] == [
        [], [], [], [], []
    ]  # fmt: skip
    assert "Nothing changed." in comparison_text(changes, colour=False, width=80)


def test_what_differs_in_every_run_is_no_change(old, new, sample):
    new = json.loads(json.dumps(new).replace(sample.UID, f"{sample.UID}77"))
    new["run"] = "20271123-141502-aaaa"
    new["started"] += 1e7
    for step in new["steps"]:
        step["started"] += 1e7
        step["seconds"] *= 1.1
    new["left_behind"][0]["patient_id"] = "DTaaaa-9"
    old["observations"][0]["value"] = (
        "DT3f9a-7001^Anna at 20261123141502.5 on 127.0.0.1:4242, 1.2.3.4.5"
    )
    new["observations"][0]["value"] = (
        "DTaaaa-8133^Ida at 20271123111111.7 on 127.0.0.1:9999, 9.8.7.6.5"
    )

    changes = compare(old, new)

    assert changes["checks"] == changes["observed"] == changes["timings"] == []


@pytest.mark.parametrize(
    ("before", "after", "kind", "worse"),
    [
        ("passed", "failed", "newly failing", True),
        ("warned", "failed", "newly failing", True),
        ("blocked", "failed", "newly failing", True),
        ("accepted", "failed", "deviation not accepted", True),
        ("passed", "warned", "newly warned", True),
        ("passed", "blocked", "not judged", True),
        ("failed", "not-run", "not judged", True),
        ("passed", "error", "not judged", True),
        ("failed", "passed", "fixed", False),
        ("failed", "warned", "fixed", False),
        ("accepted", "passed", "fixed", False),
        ("warned", "passed", "no longer warned", False),
        ("failed", "accepted", "accepted", False),
        ("not-run", "passed", "newly judged", False),
        ("passed", "not-applicable", "no longer applies", False),
    ],
)
def test_a_verdict_that_changed_is_told_and_may_be_worse(old, new, before, after, kind, worse):
    outcome(old, "store.instance-uid", before)
    outcome(new, "store.instance-uid", after)

    changes = compare(old, new)

    assert kinds(changes) == {("store.instance-uid", kind)}
    assert changes["worse"] is worse


@pytest.mark.parametrize("pair", [("blocked", "not-run"), ("not-applicable", "blocked")])
def test_what_was_not_judged_in_either_run_is_no_change(old, new, pair):
    outcome(old, "store.instance-uid", pair[0])
    outcome(new, "store.instance-uid", pair[1])

    assert compare(old, new)["checks"] == []


def test_a_check_that_is_missing_is_not_judged_unless_a_selection_was_run(old, new):
    new["checks"] = [each for each in new["checks"] if each["check"] != "store.instance-uid"]

    assert kinds(compare(old, new)) == {("store.instance-uid", "not judged")}
    assert compare(old, new)["worse"]
    assert not compare(old, {**new, "selected": "a selection"})["worse"]


def test_a_scenario_that_only_one_run_has_is_told_once(old, new):
    new["checks"] = [each for each in new["checks"] if each["scenario"] != "query"]

    changes = compare(old, new)

    assert changes["scenarios"] == [{"scenario": "query", "in": "old"}]
    assert changes["checks"] == []
    assert changes["worse"]
    assert compare(new, old)["scenarios"] == [{"scenario": "query", "in": "new"}]
    assert not compare(new, old)["worse"]


def test_a_step_put_in_front_does_not_shift_the_others(old, new, sample):
    """Steps are known by their kind: `2-store` that became `3-store` is the same store."""
    for each in (*new["checks"], *new["steps"]):
        if each["step"] == "2-store":
            each["step"] = "3-store"
    new["steps"].insert(1, sample.step("ct-study", "2-verify", "verify"))

    changes = compare(old, new)

    assert changes["checks"] == []


def test_the_same_change_in_many_steps_is_one_entry_with_a_number(old, new, sample):
    for record, word in ((old, "passed"), (new, "failed")):
        for number in range(3, 20):
            record["checks"].append(sample.check("store.x", word, step=f"{number}-store"))

    (entry,) = compare(old, new)["checks"]

    assert entry["count"] == 17
    assert len(entry["places"]) == 5


def test_what_was_negotiated_otherwise_is_an_observation_and_not_worse(old, new):
    context = new["steps"][1]["associations"][1]["contexts"][0]
    context.update(result=4, accepted=None)
    new["steps"][1]["associations"][1].update(version="B_2", implementation="1.2.276.0.7230010.3.1")

    changes = compare(old, new)

    syntaxes = "Implicit VR Little Endian, Explicit VR Little Endian"
    assert (
        "context",
        f"CT Image Storage: {syntaxes}",
        "accepted, Explicit VR Little Endian",
        "transfer syntaxes not supported",
    ) in observed(changes)
    assert ("implementation", "Implementation Version Name", "A_1", "B_2") in observed(changes)
    assert any(each[1] == "Implementation Class UID" for each in observed(changes))
    assert not changes["worse"]


def test_a_rejection_for_another_reason_is_an_observation(old, new):
    new["steps"][1]["associations"][0]["why"] = "no reason given"

    assert (
        "association",
        "",
        "accepted; rejected, called AE title not recognised",
        "accepted; rejected, no reason given",
    ) in observed(compare(old, new))


def test_statuses_keys_order_and_numbers_of_answers_are_compared(old, new):
    new["steps"][1]["observed"] = {
        "statuses": {"C-STORE": {"0000": 2, "B000": 10}},
        "answers": {"1.presence": 2, "2.new": 7},
        "order": "reversed",
        "keys": {
            "STUDY": {"PatientName": "value or empty", "StudyID": "absent", "StudyTime": "value"}
        },
    }

    assert observed(compare(old, new)) == {
        ("status", "C-STORE", "0000", "0000, B000"),
        ("answers", "1.presence", "3", "2"),
        ("order", "", "as stored", "reversed"),
        ("key", "STUDY StudyID", "empty", "absent"),
    }


def test_how_often_a_status_occurred_is_no_change(old, new):
    new["steps"][1]["observed"]["statuses"] = {"C-STORE": {"0000": 400}}

    assert compare(old, new)["observed"] == []


def test_numbers_of_answers_are_compared_for_the_same_data_only(old, new):
    new["tool"]["seed"] = 99
    new["steps"][1]["observed"]["answers"] = {"1.presence": 2}

    changes = compare(old, new)

    assert changes["observed"] == []
    assert {"what": "seed", "of": "", "old": "12345", "new": "99"} in changes["settings"]


def test_changes_in_retrieved_instances_are_compared(old, new):
    for record, changed in ((old, {}), (new, {"PatientID changed": 3})):
        record["steps"][1].update(
            kind="move",
            observed={"statuses": {"C-MOVE": {"0000": 1}}, "differences": changed},
        )

    assert observed(compare(old, new)) == {("difference", "", "", "PatientID changed")}


def test_a_step_that_could_not_be_carried_out_has_no_observations(old, new):
    new["steps"][1]["problem"] = "the association was rejected"
    new["steps"][1]["associations"] = []
    new["steps"][1]["observed"] = {}

    assert compare(old, new)["observed"] == []


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ("case-insensitive", "case-sensitive", True),
        (3, 4, True),
        (0.52, 0.61, False),
        (0.5, 7.5, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        (True, False, True),
    ],
)
def test_noted_observations_are_compared_and_measured_ones_roughly(
    old, new, before, after, differs
):
    old["observations"][0]["value"] = before
    new["observations"][0]["value"] = after

    assert bool(compare(old, new)["observed"]) is differs


def test_a_changed_system_is_told_among_the_settings(old, new):
    new["casting"]["pacs"]["product"] = "Orthanc 1.12.9"

    assert compare(old, new)["settings"] == [
        {"what": "player of", "of": "pacs", "old": "Orthanc 1.10.1", "new": "Orthanc 1.12.9"}
    ]


def timed(record, seed, factor=1.0, *, steps=8, count=25, only=None):
    """Give the record so many store steps with times that scatter as real ones do."""
    chance = random.Random(seed)
    template = record["steps"][1]
    record["steps"] = []
    for number in range(steps):
        step = copy.deepcopy(template)
        step["step"] = f"{number + 1}-store"
        base = 0.010 * (1 + number % 3)
        slow = factor if only is None or number in only else 1.0
        step["timings"]["exchanges"] = {
            "C-STORE": {
                "samples": [chance.lognormvariate(0, 0.5) * base * slow for _ in range(count)]
            }
        }
        record["steps"].append(step)
    return record


def test_noise_is_not_a_change_of_times(old):
    told = [
        compare(timed(copy.deepcopy(old), seed), timed(copy.deepcopy(old), seed + 1))["timings"]
        for seed in range(0, 120, 2)
    ]

    assert told == [[]] * 60


def test_a_slower_service_is_found_and_is_worse(old):
    changes = compare(timed(copy.deepcopy(old), 1), timed(copy.deepcopy(old), 2, 1.8))

    (entry,) = changes["timings"]
    assert (entry["system"], entry["service"]) == ("pacs", "C-STORE")
    assert 1.5 < entry["ratio"] < 2.1
    assert entry["p"] < 0.001
    assert entry["counts"] == [200, 200]
    assert changes["worse"]


def test_a_faster_service_is_told_and_is_not_worse(old):
    changes = compare(timed(copy.deepcopy(old), 1, 1.8), timed(copy.deepcopy(old), 2))

    assert changes["timings"][0]["ratio"] < 1
    assert not changes["worse"]


def test_one_busy_moment_is_not_a_slower_service(old):
    slow = timed(copy.deepcopy(old), 2, 6.0, only={3, 4})

    assert compare(timed(copy.deepcopy(old), 1), slow)["timings"] == []


def test_a_slower_computer_is_not_a_slower_system(old):
    fast, slow = timed(copy.deepcopy(old), 1), timed(copy.deepcopy(old), 2, 1.8)
    assert compare(fast, slow)["timings"]
    for record, spent in ((fast, 0.1), (slow, 0.19)):
        for step in record["steps"]:
            step["timings"]["harness"] = spent

    assert compare(fast, slow)["timings"] == []
    assert compare(slow, fast)["timings"] == []


def test_too_few_exchanges_tell_nothing(old):
    few = {"steps": 1, "count": 5}

    slow = timed(copy.deepcopy(old), 2, 9.0, **few)
    assert compare(timed(copy.deepcopy(old), 1, **few), slow)["timings"] == []


def test_the_rank_test_gives_known_values():
    """Ten and ten values without overlap, and a textbook pair of samples without a difference."""
    apart = ([float(x) for x in range(10)], [float(x) for x in range(10, 20)])

    assert stratified_rank_sum([apart]) == pytest.approx(1.57e-4, rel=0.01)
    assert stratified_rank_sum([([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])]) == 1.0
    assert stratified_rank_sum([([1.0, 1.0], [1.0, 1.0])]) == 1.0


def test_values_of_this_run_are_taken_out_and_those_of_the_standard_stay():
    assert stable("1.2.840.10008.5.1.4.1.1.2") == "1.2.840.10008.5.1.4.1.1.2"
    assert stable("2.25.33.1.7 at 127.0.0.1:4242") == "UID at 127.0.0.1:…"
    assert stable("DT9a63-1941427885-80821") == "DT-…"
    assert stable("PatientID changed") == "PatientID changed"
    assert stable("on 20261123 and 20261123141502.5") == "on moment and moment"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_well_formed_and_hostile_text_stays_text(old, new, sample, read_page, language):
    outcome(new, "store.instance-uid", "failed")
    outcome(new, "query.study-root", "failed")
    timed(new, 2, 3.0)
    timed(old, 1)
    new["observations"][0]["value"] = "case-sensitive"
    new["casting"]["pacs"]["product"] = "Y"
    new["checks"].append(sample.check("a", scenario="only-new"))
    for step in new["steps"]:
        step["observed"]["order"] = "reversed"

    for hostile in (False, True):
        made = [sample.hostile(each) if hostile else each for each in (old, new)]
        page = read_page(comparison_page(compare(*made), language=language))

        assert page.mistakes == []
        assert page.open == []
        assert not [tag for tag, _ in page.elements if tag in ("script", "img", "iframe")]
        assert len(page.ids()) == len(set(page.ids()))
    assert "<script>alert(1)</script>" in page.text


def test_hostile_text_cannot_steer_the_terminal(old, new, sample):
    outcome(new, "store.instance-uid", "failed")
    changes = compare(sample.hostile(old), sample.hostile(new))

    text = comparison_text(changes, colour=False, width=80)

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert all(len(line) <= 80 for line in text.split("\n"))
