"""The identifiers of a scenario from order to archive, in one table for each examination.

A column is what one step shows (as ordered, as the worklist answers, in the performed procedure
step, in the stored objects, in query answers, in retrieved objects), a row is one identifier.
Each cell is compared with what was valid before it. IHE RAD TF-2x Appendix A.1 and PS3.17 Annex J
say which values are copied from where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dicomtest.evidence import StepEvidence
from dicomtest.trace_sources import ROWS, Kind, Node, Row, nodes

Verdict = Literal["reference", "equal", "different", "absent", "explained", "unknown"]
STEP_ID = "ScheduledProcedureStepID"
ORDERING: tuple[Kind, ...] = ("ordered", "worklist")


@dataclass(frozen=True)
class Column:
    """What one step shows of the identifiers."""

    step: str
    kind: Kind
    values: Mapping[str, frozenset[str]]
    coerced: bool = False  # the provider said that it changed attributes (B000)
    partial: frozenset[str] = frozenset()  # rows that some instances have and others lack


@dataclass(frozen=True)
class Cell:
    """One identifier in one column; `expected` is what it is compared with."""

    values: frozenset[str]
    verdict: Verdict
    expected: frozenset[str] = frozenset()
    why: str = ""


@dataclass(frozen=True)
class Table:
    """One examination: the orders it is about (none when nobody ordered it), columns and cells."""

    orders: tuple[str, ...]
    columns: tuple[Column, ...]
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)  # by row, then column

    def of(self, step: str, kind: Kind) -> Iterator[tuple[Row, Cell]]:
        """The cells of a step's columns of one kind."""
        for index, column in enumerate(self.columns):
            if column.step == step and column.kind == kind:
                for row in ROWS:
                    yield row, self.cells[row.name][index]


def tables(steps: Sequence[StepEvidence]) -> list[Table]:
    """The tables of one scenario, from the evidence of its steps in order.

    A scenario without an order and without a performed procedure step has none.
    """
    if not any(each.kind in ("order", "worklist", "mpps") for each in steps):
        return []
    groups = _connected(list(nodes(steps)))
    return [_table(group) for group in groups if any(each.kind != "worklist" for each in group)]


def _connected(every: list[Node]) -> list[list[Node]]:
    """Nodes that share an identifier, directly or by others, in order of appearance."""
    groups: list[tuple[set[str], list[Node]]] = []
    for node in every:
        mine, others = (set(node.tokens), [node]), []
        for tokens, members in groups:
            if tokens & mine[0]:
                mine = (tokens | mine[0], members + mine[1])
            else:
                others.append((tokens, members))
        groups = [*others, mine]
    ordered = [sorted(members, key=lambda each: each.at) for _, members in groups]
    return sorted(ordered, key=lambda members: members[0].at)


def _table(group: list[Node]) -> Table:
    merged: dict[tuple[str, Kind, str], list[Node]] = {}
    for node in group:
        merged.setdefault((node.step, node.kind, node.separate), []).append(node)
    columns = tuple(
        Column(step, kind, _united(members), any(e.coerced for e in members), _partial(members))
        for (step, kind, _separate), members in merged.items()
    )
    starts = [members[0].at for members in merged.values()]
    ordered = {name for node in group if node.kind == "ordered" for name in node.orders}
    names = sorted(ordered or {name for node in group for name in node.orders})
    cells = {row.name: tuple(_cells(row, columns, starts, group)) for row in ROWS}
    return Table(tuple(names), columns, cells)


def _united(members: Iterable[Node]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for node in members:
        for name, values in node.values.items():
            found.setdefault(name, set()).update(values)
    return {name: frozenset(values) for name, values in found.items()}


def _partial(members: Sequence[Node]) -> frozenset[str]:
    """Rows of which every instance has to have a value, and only some have one."""
    found = set()
    for row in ROWS:
        there = [bool(each.values.get(row.name)) for each in members]
        if row.in_every_instance and any(there) and not all(there):
            found.add(row.name)
    return frozenset(found)


def _cells(
    row: Row, columns: Sequence[Column], starts: Sequence[int], group: Sequence[Node]
) -> Iterator[Cell]:
    history = {
        value
        for each in columns
        if each.kind in ORDERING
        for value in each.values.get(row.name, ())
    }
    for index, column in enumerate(columns):
        values = column.values.get(row.name)
        before = columns[:index]
        if values is None:
            yield Cell(frozenset(), "unknown")
            continue
        asked = [each for each in group if each.at < starts[index]]
        reference = _reference(row, before, column, asked)
        lost = row.name in column.partial and not any(
            row.name in each.partial for each in before if each.kind == "objects"
        )
        if reference is None:
            yield Cell(values, "reference")
        elif lost and column.kind in ("objects", "retrieved"):
            yield Cell(values, "absent", reference, "some instances lack it")
        else:
            yield _compared(row, column, values, reference, history)


def _reference(
    row: Row, before: Sequence[Column], column: Column, asked: Sequence[Node]
) -> frozenset[str] | None:
    """What an identifier is to be compared with; None when nobody has said it before."""
    known = [each for each in before if row.name in each.values]
    if column.kind == "ordered":
        return None
    if row.group == "performed":
        begun = [each for each in known if each.kind == "begun"]
        if column.kind == "begun" or not begun:
            return None
        return frozenset(value for each in begun for value in each.values[row.name])
    if column.kind in ("answers", "retrieved"):
        stored = [each.values[row.name] for each in known if each.kind == "objects"]
        if stored:
            return frozenset(value for values in stored for value in values)
    scheduled = _scheduled(row, asked)
    if scheduled is not None:
        return scheduled
    return known[0].values[row.name] if known else None


def _scheduled(row: Row, asked: Sequence[Node]) -> frozenset[str] | None:
    """What the latest worklist item of each scheduled step said, or the order where none did."""
    latest: dict[frozenset[str], frozenset[str]] = {}
    for kind in ("ordered", "worklist"):
        for node in asked:
            if node.kind == kind and row.name in node.values:
                latest[node.values.get(STEP_ID, frozenset())] = node.values[row.name]
    if not latest:
        return None
    return frozenset(value for values in latest.values() for value in values)


def _compared(
    row: Row,
    column: Column,
    values: frozenset[str],
    reference: frozenset[str],
    history: set[str],
) -> Cell:
    """The verdict on one cell.

    Several scheduled steps or objects make several values; a cell need not show all of them.
    """
    if values <= reference and (values or not reference):
        return Cell(values, "equal", reference)
    if values and values <= history:
        why = "the order was changed, and this is what it said at another time"
        return Cell(values, "explained", reference, why)
    if column.kind in ("answers", "retrieved", "objects") and column.coerced:
        why = "the provider said with B000 that it coerced attributes"
        return Cell(values, "explained", reference, why)
    if not values:
        return Cell(values, "absent", reference)
    if not row.judged:
        return Cell(values, "explained", reference, "it may differ")
    return Cell(values, "different", reference)


def entry(table: Table) -> dict[str, Any]:
    """A table as JSON: columns, and rows of one cell for each column."""
    return {
        "orders": list(table.orders),
        "columns": [{"step": each.step, "kind": each.kind} for each in table.columns],
        "rows": [
            {
                "name": row.name,
                "group": row.group,
                "rule": row.rule,
                "cells": [
                    {
                        "values": sorted(cell.values),
                        "verdict": cell.verdict,
                        **({"why": cell.why} if cell.why else {}),
                    }
                    for cell in table.cells[row.name]
                ],
            }
            for row in ROWS
            if any(cell.verdict != "unknown" for cell in table.cells[row.name])
        ],
    }


def entries(steps: Sequence[StepEvidence]) -> dict[str, list[dict[str, Any]]]:
    """The tables of every scenario that has any, by scenario, for the record of a run."""
    scenarios: dict[str, list[StepEvidence]] = {}
    for each in steps:
        scenarios.setdefault(each.scenario, []).append(each)
    found = {name: [entry(table) for table in tables(own)] for name, own in scenarios.items()}
    return {name: each for name, each in found.items() if each}
