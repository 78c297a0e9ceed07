"""What each system claims, negotiated and used."""

from __future__ import annotations

from dicomtest.reporting.capabilities import statements

CT, RT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.481.3"
MR, FIND = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.2.2.1"


def context(uid, result=0, **changes):
    made = {"abstract_syntax": uid, "proposed": ["1.2.840.10008.1.2"], "result": result, "used": 1}
    accepted = {"accepted": "1.2.840.10008.1.2"} if result == 0 else {"accepted": None}
    return made | accepted | changes


def record(*contexts, called="PACS", calling="MOD", claims=None):
    association = {
        "calling": calling,
        "called": called,
        "outcome": "accepted",
        "implementation": "1.2.3",
        "version": "PACS_1",
        "contexts": list(contexts),
    }
    return {
        "casting": {
            "pacs": {"simulated": False, "ae_title": "PACS", "claims": claims or {}},
            "modality": {"simulated": True, "ae_title": "MOD"},
        },
        "steps": [{"associations": [association]}],
    }


def rows(made):
    (statement,) = statements(made)
    return {(each.uid, each.role): each for each in statement.rows}


def test_only_real_systems_have_a_statement_and_all_where_there_is_none():
    made = record(context(CT))
    assert [each.actor for each in statements(made)] == ["pacs"]

    made["casting"]["pacs"]["simulated"] = True
    assert [each.actor for each in statements(made)] == ["pacs", "modality"]


def test_an_acceptor_is_the_scp_and_a_requestor_the_scu():
    assert set(rows(record(context(CT)))) == {(CT, "SCP")}
    assert set(rows(record(context(CT), called="WS", calling="PACS"))) == {(CT, "SCU")}


def test_a_negotiated_role_turns_them_around():
    """As in C-GET, where the requestor is the SCP of the storage classes."""
    assert set(rows(record(context(CT, roles=[False, True])))) == {(CT, "SCU")}
    assert set(rows(record(context(CT, roles=[True, True])))) == {(CT, "SCU"), (CT, "SCP")}


def test_what_was_refused_proposed_and_used_is_told():
    found = rows(record(context(CT, used=7), context(CT, used=2), context(RT, 3, used=0)))

    assert found[CT, "SCP"].accepted == {"1.2.840.10008.1.2": 2}
    assert found[CT, "SCP"].used == 9
    assert found[RT, "SCP"].refused == {3}
    assert found[RT, "SCP"].not_chosen == ["1.2.840.10008.1.2"]


def test_claims_are_laid_beside_what_was_negotiated():
    found = rows(record(context(CT), context(RT), context(FIND), claims={"sop_classes": [CT, MR]}))

    assert found[CT, "SCP"].claimed == "yes"
    assert found[RT, "SCP"].claimed == "no"
    assert found[FIND, "SCP"].claimed == ""  # the list is of storage classes
    assert found[MR, ""].claimed == "yes"
    assert found[MR, ""].contexts == 0


def test_the_implementation_is_what_the_system_itself_announced():
    (statement,) = statements(record(context(CT)))
    assert statement.implementations == ["1.2.3 PACS_1"]

    (statement,) = statements(record(context(CT), called="WS", calling="PACS"))
    assert statement.implementations == []
