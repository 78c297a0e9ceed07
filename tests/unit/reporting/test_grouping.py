"""Findings in groups."""

from __future__ import annotations

from dicomtest.reporting.grouping import group


def test_the_same_finding_in_many_steps_is_one_group(sample):
    checks = [sample.check("store.status", "failed", step=f"{n}-store") for n in range(40)]

    (found,) = group(checks)

    assert found.count == 120
    assert len(found.steps) == 40
    (pattern,) = found.patterns
    assert pattern.count == 120
    assert len(pattern.places) == 3
    assert pattern.more == 117


def test_uids_and_our_own_identifiers_do_not_make_new_patterns(sample):
    findings = [
        {"expected": f"DT-{n} 1.2.826.0.1.{n}", "actual": f"1.2.826.0.9.{n}", "where": ""}
        for n in range(9)
    ]

    (found,) = group([sample.check("a.b", "failed", findings=findings, count=9)])

    (pattern,) = found.patterns
    assert pattern.count == 9
    assert pattern.expected == "DT-0 1.2.826.0.1.0"


def test_different_values_are_different_patterns_most_frequent_first(sample):
    findings = [{"expected": "0000", "actual": "A700", "where": ""}]
    findings += [{"expected": "0000", "actual": "C000", "where": ""}] * 2

    (found,) = group([sample.check("a.b", "failed", findings=findings, count=3)])

    assert [(each.actual, each.count) for each in found.patterns] == [("C000", 2), ("A700", 1)]


def test_systems_are_kept_apart_and_failures_come_first(sample):
    found = group(
        [
            sample.check("a.a", "warned"),
            sample.check("a.b", "failed", system="One"),
            sample.check("a.b", "failed", system="Two"),
            sample.check("a.c", "passed"),
            sample.check("a.d", "blocked"),
        ]
    )

    assert [(each.check, each.system, each.outcome) for each in found] == [
        ("a.b", "One", "failed"),
        ("a.b", "Two", "failed"),
        ("a.a", "Orthanc 1.10.1 (ORTHANC)", "warned"),
    ]
    assert len({each.anchor for each in found}) == 3


def test_more_patterns_than_can_be_shown_are_counted(sample):
    findings = [{"expected": "x", "actual": chr(65 + n), "where": ""} for n in range(20)]

    (found,) = group([sample.check("a.b", "failed", findings=findings, count=50)])

    assert len(found.patterns) == 8
    assert found.more == 12
    assert found.count == 50  # the record keeps a bounded list; the count is the truth
