"""The times of a whole run."""

from __future__ import annotations

import pytest

from dicomtest.reporting.times import services


def step(scp, **exchanges):
    return {"scp": scp, "timings": {"exchanges": exchanges}}


def figures(*samples, count=None, size=0):
    number = len(samples) if count is None else count
    return {"count": number, "answered": number, "bytes": size, "samples": list(samples)}


def test_exchanges_of_all_steps_are_put_together_by_system_and_service():
    found = services(
        {
            "steps": [
                step("pacs", **{"C-STORE": figures(0.1, 0.2, size=300)}),
                step("pacs", **{"C-STORE": figures(0.3, size=300), "C-FIND": figures(0.5)}),
                step("ris", **{"C-FIND": figures(1.0)}),
            ]
        }
    )

    assert [(each.system, each.name, each.count) for each in found] == [
        ("pacs", "C-FIND", 1),
        ("pacs", "C-STORE", 3),
        ("ris", "C-FIND", 1),
    ]
    stored = found[1]
    assert stored.p50 == 0.2
    assert stored.p95 == pytest.approx(0.29)
    assert stored.slowest == 0.3
    assert stored.rate == pytest.approx(1000)


def test_what_an_archive_sends_is_not_mixed_with_what_it_receives():
    stored, sent = (step("pacs", **{"C-STORE": figures(each)}) for each in (0.5, 0.1))

    found = services({"steps": [stored, sent | {"kind": "move"}]})

    assert {each.name: each.p50 for each in found} == {
        "C-STORE": 0.5,
        "C-STORE sub-operation": 0.1,
    }


def test_exchanges_beyond_those_sampled_count_for_the_throughput():
    (stored,) = services({"steps": [step("pacs", **{"C-STORE": figures(0.1, count=10, size=500)})]})

    assert stored.rate == pytest.approx(500)


def test_what_was_never_answered_has_no_times():
    (silent,) = services({"steps": [step("pacs", **{"C-FIND": {"count": 2, "answered": 0}})]})

    assert (silent.count, silent.answered, silent.p50, silent.p95, silent.rate) == (
        *(2, 0, None, None),
        None,
    )
