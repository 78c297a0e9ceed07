"""Sequence diagrams."""

from __future__ import annotations

from dicomtest.reporting.sequence import diagram, is_failure


def message(at, start, end, text, status="", association="a1"):
    return {"at": at, "from": start, "to": end, "text": text, "status": status,
            "association": association}  # fmt: skip


def association(name="a1", outcome="accepted", ended="released", calling="MOD", called="PACS"):
    return {"id": name, "calling": calling, "called": called, "outcome": outcome, "ended": ended}


STEP = {"scu": "modality", "scp": "pacs"}
TITLES = {"MOD": "modality", "PACS": "pacs", "WS": "workstation"}


def test_associations_frame_their_messages():
    drawn = diagram(
        STEP
        | {
            "associations": [association("a0", "rejected", ""), association("a1")],
            "messages": [
                message(0.1, "modality", "pacs", "C-ECHO-RQ"),
                message(0.2, "pacs", "modality", "C-ECHO-RSP", "0000"),
            ],
        },
        TITLES,
    )

    assert [row.kind for row in drawn.rows] == [
        "refused", "association", "message", "message", "end",
    ]  # fmt: skip
    assert [(row.start, row.end) for row in drawn.rows] == [(0, 1), (0, 1), (0, 1), (1, 0), (0, 1)]


def test_an_association_of_the_peer_points_the_other_way():
    drawn = diagram(
        {"scu": "workstation", "scp": "pacs"}
        | {
            "associations": [association("a2", calling="PACS", called="WS")],
            "messages": [message(0.1, "pacs", "workstation", "C-STORE-RQ", association="a2")],
        },
        TITLES,
    )

    assert [(row.kind, row.start, row.end) for row in drawn.rows] == [
        ("association", 1, 0),
        ("message", 1, 0),
        ("end", 1, 0),
    ]


def test_repeated_messages_are_drawn_once_and_counted():
    messages = [message(0, "modality", "pacs", "C-FIND-RQ")]
    messages += [message(0, "pacs", "modality", f"C-FIND-RSP {n}", "FF00") for n in range(200)]
    messages += [message(0, "pacs", "modality", "C-FIND-RSP", "0000")]

    drawn = diagram(STEP | {"associations": [], "messages": messages}, TITLES)

    assert [row.kind for row in drawn.rows] == ["message"] * 2 + ["repeats"] + ["message"] * 2
    assert drawn.rows[2].number == 198
    assert drawn.messages == 202


def test_repeated_pairs_are_drawn_once_but_the_odd_one_is_kept():
    messages = []
    for number in range(20):
        messages.append(message(0, "modality", "pacs", f"C-STORE-RQ 1.2.{number}"))
        status = "A700" if number == 10 else "0000"
        messages.append(message(0, "pacs", "modality", "C-STORE-RSP", status))

    drawn = diagram(STEP | {"associations": [], "messages": messages}, TITLES)

    assert sum(row.number for row in drawn.rows) == (10 - 2) + (9 - 2)
    assert [row.status for row in drawn.rows if row.trouble] == ["A700"]


def test_the_number_of_rows_is_bounded_and_the_rest_counted():
    messages = [message(0, "modality", "pacs", chr(65 + n % 26) * (n % 7 + 1)) for n in range(5000)]

    drawn = diagram(STEP | {"associations": [], "messages": messages}, TITLES, limit=30)

    assert len(drawn.rows) == 30
    assert sum(row.number for row in drawn.rows if row.kind == "omitted") == 5000 - 29


def test_unknown_players_and_missing_values_do_not_hurt():
    drawn = diagram(
        {"messages": [{"from": "x", "to": None}, {}], "associations": [{}, {"id": None}]}, {}
    )

    assert len(drawn.lanes) == 2
    assert drawn.height > 0


def test_failure_statuses_are_told_from_warnings_and_pending():
    assert all(is_failure(each) for each in ("A700", "C001", "0110", "a801"))
    assert not any(
        is_failure(each) for each in ("0000", "FF00", "FF01", "B000", "FE00", "0107", "", None, "x")
    )


def test_a_record_that_lists_openings_and_ends_itself_is_not_told_twice():
    drawn = diagram(
        STEP
        | {
            "associations": [
                association("a1") | {"label": "move"},
                association("a2", "rejected", "") | {"label": "wrong called AE title"},
            ],
            "messages": [
                message(0.0, "modality", "pacs", "A-ASSOCIATE", "accepted"),
                message(0.1, "modality", "pacs", "C-MOVE", "2 x pending, A702"),
                message(0.2, "modality", "pacs", "released"),
                message(0.3, "modality", "pacs", "A-ASSOCIATE", "rejected", "a2"),
            ],
        },
        TITLES,
    )

    assert [(row.kind, row.text, row.status, row.number) for row in drawn.rows] == [
        ("association", "MOD → PACS (move)", "accepted", 0),
        ("message", "C-MOVE", "A702", 2),
        ("end", "", "released", 0),
        ("refused", "MOD → PACS (wrong called AE title)", "rejected", 0),
    ]
    assert [row.trouble for row in drawn.rows] == [False, True, False, True]


def test_exchanges_that_the_record_does_not_list_are_counted():
    drawn = diagram(
        STEP
        | {
            "messages": [message(0, "modality", "pacs", "C-ECHO", "0000")],
            "timings": {"exchanges": {"C-ECHO": {"count": 500}}},
        },
        TITLES,
    )

    assert [(row.kind, row.number) for row in drawn.rows] == [("message", 0), ("omitted", 499)]
