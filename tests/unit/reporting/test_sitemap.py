"""Who talks to whom."""

from __future__ import annotations

from dicomtest.reporting.sitemap import HIGH, WIDE, site_map

EVERYONE = ["modality", "ris", "pacs", "printer", "workstation", "digitizer", "router", "viewer"]


def step(scu, scp, kind, name="1"):
    made = {"scenario": "s", "step": name, "scu": scu, "scp": scp, "kind": kind}
    return made | {"associations": [{}]}


def record(*steps, actors=EVERYONE, checks=()):
    casting = {each: {"simulated": each != "pacs", "ae_title": each} for each in actors}
    return {"casting": casting, "steps": list(steps), "checks": list(checks)}


def test_no_two_boxes_overlap_whoever_is_there():
    for actors in (EVERYONE, EVERYONE[:2], ["pacs", "workstation"], EVERYONE[5:]):
        drawn = site_map(record(actors=actors))

        for one in drawn.boxes:
            assert one.x + WIDE / 2 <= drawn.width
            assert one.y + HIGH / 2 <= drawn.height
            for other in drawn.boxes:
                apart = abs(one.x - other.x) >= WIDE or abs(one.y - other.y) >= HIGH
                assert one is other or apart


def test_both_directions_of_two_actors_share_one_line():
    drawn = site_map(
        record(
            step("workstation", "pacs", "query"),
            step("workstation", "pacs", "query"),
            step("pacs", "workstation", "store"),
        )
    )

    (line,) = drawn.lines
    assert (line.one.actor, line.there, line.back) == ("workstation", ["query"], ["store"])


def test_a_line_is_marked_where_a_check_failed():
    failed = {"scenario": "s", "step": "2", "outcome": "failed"}
    drawn = site_map(
        record(
            step("modality", "pacs", "store", "1"),
            step("workstation", "pacs", "query", "2"),
            checks=[failed],
        )
    )

    assert {each.one.actor: each.trouble for each in drawn.lines} == {
        "modality": False,
        "workstation": True,
    }


def test_lines_end_at_the_boxes_and_nobody_talks_without_an_association():
    silent = step("ris", "pacs", "order") | {"associations": []}
    drawn = site_map(record(step("modality", "pacs", "store"), silent))

    (line,) = drawn.lines
    x1, y1, x2, y2 = line.ends
    assert y1 == y2
    assert line.one.x + WIDE / 2 < x1 < x2 < line.other.x - WIDE / 2


def test_a_record_without_actors_has_no_map():
    assert site_map({}) is None
