"""Records of runs, made up for the tests of the report: every outcome, hostile text, large."""

from __future__ import annotations

from typing import Any

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[2J\x07\u202e{{7*7}}%(x)s\ud800"
)
OUTCOMES = [
    "passed",
    "warned",
    "failed",
    "blocked",
    "not-run",
    "not-applicable",
    "accepted",
    "error",
]
SYSTEM = "Orthanc 1.10.1 (ORTHANC)"
UID = "1.2.826.0.1.3680043.8.498."


def check(name: str, outcome: str = "passed", **changes: Any) -> dict[str, Any]:
    """One check as `run.json` holds it."""
    made: dict[str, Any] = {
        "check": name,
        "outcome": outcome,
        "level": "should" if outcome == "warned" else "must",
        "scenario": "ct-study",
        "step": "2-store",
        "judges": "pacs",
        "side": "scp",
        "system": SYSTEM,
        "simulated": False,
        "cites": ["PS3.4 B.2.3"],
        "requirement": "The C-STORE response has the status Success, or a Warning of B.2.3.",
        "expected": "",
        "actual": "",
        "message": "",
        "where": "",
        "findings": [],
        "count": 0,
        "consequence": "",
        "fix": "",
        "evidence": "evidence/ct-study/2-store.json",
        "seconds": 0.001,
        "deviation": None,
        "reason": "",
    }
    if outcome in ("failed", "warned", "accepted"):
        made["findings"] = [
            {
                "expected": "0000",
                "actual": "A700",
                "where": f"C-STORE message {number} {UID}{number}",
            }
            for number in (3, 7, 9)
        ]
        made.update(
            expected="0000",
            actual="A700",
            where=made["findings"][0]["where"],
            count=3,
            message="Three of twelve images were refused: out of resources.",
            consequence="Images of an examination may be missing in the archive.",
            fix="The PACS administrator looks at free disk space and the quota.",
        )
    if outcome in ("blocked", "not-run", "not-applicable", "error"):
        made["reason"] = {
            "blocked": "the association was rejected",
            "not-run": "no operator was there",
            "not-applicable": "the system does not claim C-GET",
            "error": "KeyError: 'SOPInstanceUID'",
        }[outcome]
    if outcome == "accepted":
        made["deviation"] = {
            "why": "known, will be mended in 1.11",
            "accepted_by": "Dr Lin",
            "until": "2027-03-01",
        }
    return made | changes


def step(scenario: str, name: str, kind: str, **changes: Any) -> dict[str, Any]:
    """One step as `run.json` holds it, with an association and its messages."""
    messages = []
    for number in range(12):
        at = 0.02 + number * 0.03
        messages.append(
            {
                "at": at,
                "from": "modality",
                "to": "pacs",
                "text": f"C-STORE-RQ CT {UID}{number}",
                "status": "",
                "association": "a3",
            }
        )
        messages.append(
            {
                "at": at + 0.02,
                "from": "pacs",
                "to": "modality",
                "text": "C-STORE-RSP",
                "status": "A700" if number == 6 else "0000",
                "association": "a3",
            }
        )
    return {
        "scenario": scenario,
        "step": name,
        "kind": kind,
        "scu": "modality",
        "scp": "pacs",
        "title": f"{kind} 12 ct images, modality to pacs",
        "started": 1790000000.0,
        "ended": 1790000000.8,
        "seconds": 0.8,
        "problem": "",
        "not_run": "",
        "not_applicable": "",
        "evidence": f"evidence/{scenario}/{name}.json",
        "timings": {
            "wire": 0.2,
            "peer": 0.4,
            "harness": 0.1,
            "stalled_40ms": 0,
            "exchanges": {
                "C-STORE": {"count": 12, "p50": 0.01, "p95": 0.02, "max": 0.05, "bytes": 6_300_000}
            },
        },
        "messages": messages,
        "associations": [
            {
                "id": "a2",
                "calling": "DT_MOD",
                "called": "ORTHANCX",
                "outcome": "rejected",
                "ended": "",
                "why": "called AE title not recognised",
                "contexts": [],
            },
            {
                "id": "a3",
                "calling": "DT_MOD",
                "called": "ORTHANC",
                "outcome": "accepted",
                "ended": "released",
                "why": "",
                "contexts": [
                    {
                        "abstract_syntax": "1.2.840.10008.5.1.4.1.1.2",
                        "name": "CT Image Storage",
                        "proposed": ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"],
                        "result": 0,
                        "accepted": "1.2.840.10008.1.2.1",
                    },
                    {
                        "abstract_syntax": "1.2.840.10008.5.1.4.1.1.481.3",
                        "name": "RT Structure Set Storage",
                        "proposed": ["1.2.840.10008.1.2"],
                        "result": 3,
                        "accepted": None,
                    },
                ],
            },
        ],
    } | changes


def trace() -> dict[str, Any]:
    """The identifiers of one examination: kept, lost, changed, explained."""
    cells = {
        "PatientName": ("reference", "equal", "different"),
        "AccessionNumber": ("reference", "absent", "explained"),
    }
    return {
        "orders": ["head"],
        "columns": [
            {"step": "1-order", "kind": "ordered"},
            {"step": "2-store", "kind": "objects"},
            {"step": "1-query", "kind": "answers"},
        ],
        "rows": [
            {
                "name": name,
                "group": "patient",
                "rule": "IHE RAD TF-2x A.1",
                "cells": [
                    {"values": [] if each == "absent" else [f"{name} {each}"], "verdict": each}
                    for each in verdicts
                ],
            }
            for name, verdicts in cells.items()
        ],
    }


def record(**changes: Any) -> dict[str, Any]:
    """A whole run: two scenarios, every outcome once, deviations, leftovers, observations."""
    checks = [
        check("verify.status", step="1-verify"),
        check("store.status", "failed"),
        check("store.instance-uid"),
        check("store.elements-coerced", "warned", cites=["PS3.4 B.2.3", "PS3.7 9.1.1.1.9"]),
        check("store.message-id", "accepted"),
        check("store.association", "not-applicable"),
        check(
            "query.study-root",
            "blocked",
            scenario="query",
            step="1-query",
            evidence="evidence/query/1-query.json",
        ),
        check("query.operator", "not-run", scenario="query", step="1-query"),
        check("query.counts", "error", scenario="query", step="1-query"),
    ]
    made: dict[str, Any] = {
        "format": 1,
        "run": "20261123-141502-7f3a",
        "verdict": "not accepted",
        "verdict_reason": "1 check failed",
        "exit_status": 1,
        "interrupted": False,
        "real_systems": True,
        "started": 1790000000.0,
        "ended": 1790000041.5,
        "site": {
            "name": "St. Elsewhere Radiology",
            "file": "site.yaml",
            "language": "en",
            "environment": "test",
            "reason": "upgrade",
            "testers": ["A. Lin", "王小东"],
        },
        "casting": {
            "pacs": {
                "simulated": False,
                "system": "pacs",
                "ae_title": "ORTHANC",
                "host": "127.0.0.1",
                "port": 4242,
                "product": "Orthanc 1.10.1",
                "version": "",
                "maker": "",
                "serial": "",
                "profile": "",
            },
            "modality": {
                "simulated": True,
                "system": "",
                "ae_title": "DT_MOD",
                "host": "127.0.0.1",
                "port": 11112,
                "product": "",
                "version": "",
                "maker": "",
                "serial": "",
                "profile": "ct",
            },
        },
        "tool": {
            "name": "dicomtest",
            "version": "0.1.0",
            "python": "3.11.7",
            "platform": "Linux",
            "pydicom": "3.0.1",
            "pynetdicom": "3.0.4",
            "dicom_edition": "2025b",
            "seed": 12345,
            "command": "dicomtest run pacs-basics --site site.yaml",
            "host": "testpc",
        },
        "scenarios": [
            {
                "scenario": "ct-study",
                "title": {"en": "A CT study reaches the archive", "zh": "CT 检查送达归档系统"},
                "purpose": {"en": "Shows that images arrive.", "zh": "证明图像能够送达。"},
                "profile": "IHE RAD SWF.b",
                "file": "pacs-basics.dicomtest.yaml",
                "verdict": "failed",
                "counts": {},
            },
            {
                "scenario": "query",
                "title": {"en": "Query"},
                "purpose": {"en": "Finds it again."},
                "profile": "",
                "file": "pacs-query.dicomtest.yaml",
                "verdict": "incomplete",
                "counts": {},
            },
        ],
        "steps": [
            step("ct-study", "1-verify", "verify"),
            step("ct-study", "2-store", "store"),
            step("query", "1-query", "query", problem="the association was rejected", messages=[]),
        ],
        "checks": checks,
        "observations": [
            {
                "name": "query.person-name-case",
                "scenario": "query",
                "step": "1-query",
                "system": "pacs",
                "value": "case-insensitive",
            },
        ],
        "deviations": [
            {
                "check": "store.message-id",
                "system": "pacs",
                "why": "known, will be mended in 1.11",
                "accepted_by": "Dr Lin",
                "until": "2027-03-01",
                "expired": False,
                "used": True,
            },
            {
                "check": "store.status",
                "system": "pacs",
                "why": "old",
                "accepted_by": "Dr Wu",
                "until": "2025-01-01",
                "expired": True,
                "used": False,
            },
        ],
        "left_behind": [
            {
                "system": "pacs",
                "patient_id": "DT-1",
                "study": f"{UID}1",
                "instances": 12,
                "scenario": "ct-study",
            },
        ],
        "not_run": [{"scenario": "ris-worklist", "why": "no RIS is named in the site file"}],
        "selected": "all",
        "trace": {"ct-study": [trace()]},
        "character_sets": [
            {
                "scenario": "ct-study",
                "step": "2-store",
                "service": "C-FIND",
                "system": "pacs",
                "sent": {"character_set": "ISO_IR 192", "name": "DT-Ma^Wei=马^伟"},
                "returned": {"character_set": "ISO_IR 100", "name": "DT-Ma^Wei=^"},
                "count": 3,
                "different": 1,
            }
        ],
        "evidence": [
            {"path": "evidence/ct-study/2-store.json", "bytes": 1200, "sha256": "ab" * 32},
            {"path": "evidence/data-sets/1.bin", "bytes": 99, "sha256": "cd" * 32},
        ],
    }
    made["counts"] = {each: sum(one["outcome"] == each for one in checks) for each in OUTCOMES}
    return made | changes


def hostile(value: Any) -> Any:
    """The same value with hostile text in front of every text but our own words."""
    kept = {"outcome", "level", "verdict", "language", "side"}  # words of ours, not of the wire
    if isinstance(value, dict):
        return {key: each if key in kept else hostile(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE + value if isinstance(value, str) else value


def large(count: int = 10_000) -> dict[str, Any]:
    """A run of so many checks: ten steps a scenario, twenty checks a step, some failures."""
    made = record()
    made["scenarios"], made["steps"], made["checks"] = [], [], []
    for number in range(count):
        scenario, name = f"scenario-{number // 200}", f"{number // 20 % 10 + 1}-store"
        if number % 200 == 0:
            made["scenarios"].append(
                {
                    "scenario": scenario,
                    "title": {"en": f"Scenario {number // 200}"},
                    "purpose": {"en": "Many."},
                    "profile": "",
                    "file": "many.dicomtest.yaml",
                    "verdict": "passed",
                    "counts": {},
                }
            )
        if number % 20 == 0:
            made["steps"].append(step(scenario, name, "store"))
        outcome = "failed" if number % 97 == 0 else "warned" if number % 89 == 0 else "passed"
        made["checks"].append(
            check(f"store.check-{number % 20:02d}", outcome, scenario=scenario, step=name)
        )
    return made
