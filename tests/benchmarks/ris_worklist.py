"""The simulated RIS with 10,000 scheduled steps, beside a provider of plain pynetdicom.

    python tests/benchmarks/ris_worklist.py [--steps 10000] [--rounds 5]

Both hold the same steps and are asked the same by the same client, one after the other in one
run. The other provider looks through a list in memory, compares text and answers a copy of what it
has: the least that a worklist can do. Prints milliseconds, and the ratio of the two; asserts
nothing.
"""

from __future__ import annotations

import argparse
import fnmatch
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from pydicom import Dataset
from pynetdicom import AE, evt

from dicomtest.dicom.attribute_values import data_set
from dicomtest.dicom.orders import Wish, plan_order
from dicomtest.dicom.patients import patient
from dicomtest.dicom.uids import UidFactory
from dicomtest.session import RunSession
from dicomtest.spec.site import Simulator, Site
from dicomtest.studies import subject_of

WORKLIST = "1.2.840.10008.5.1.4.31"
STEP = "ScheduledProcedureStepSequence"
SYNTAXES = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]
MODALITIES = ("CT", "MR", "US", "CR", "DX", "MG", "XA", "NM", "PT", "RF")


def scheduled(count: int) -> list[Any]:
    """So many steps of as many patients, ten modalities, a hundred days."""
    uids, found = UidFactory("benchmark"), []
    for number in range(count):
        day = date(2026, 1, 1) + timedelta(days=number % 100)
        modality = MODALITIES[number // 100 % len(MODALITIES)]
        wish = Wish((f"{modality} EXAMINATION",), f"STATION{number % 20}",
                    day.strftime("%Y%m%d"), f"{8 + number % 10:02}0000")  # fmt: skip
        subject = subject_of(patient(1, number + 1, "latin", prefix="DT"))
        found += plan_order(subject, uids, number, wish).items()
    return found


def keys(**values: str) -> Dataset:
    """A query as modalities send it, with these keys."""
    query, step = Dataset(), Dataset()
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber",
                 "StudyInstanceUID", "RequestedProcedureID",
                 "RequestedProcedureDescription"):  # fmt: skip
        setattr(query, name, values.get(name, ""))
    for name in ("ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "Modality",
                 "ScheduledProcedureStepStartTime", "ScheduledProcedureStepID",
                 "ScheduledProcedureStepDescription"):  # fmt: skip
        setattr(step, name, values.get(name, ""))
    query.ScheduledProcedureStepSequence = [step]
    return query


class Plain:
    """The provider to compare with."""

    def __init__(self, items: list[Dataset]) -> None:
        self.items = items

    def on_find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        wanted = [(each.tag, str(each.value)) for each in asked if each.VR != "SQ" and each.value]
        inner = [(each.tag, str(each.value)) for each in asked[STEP][0] if each.value]
        for item in self.items:
            if fits(item, wanted) and fits(item[STEP][0], inner):
                yield 0xFF00, answer(item, asked)
        yield 0x0000, None


def fits(place: Dataset, wanted: list[tuple[Any, str]]) -> bool:
    """Whether a place has these values."""
    return all(tag in place and fnmatch.fnmatchcase(str(place[tag].value), value)
               for tag, value in wanted)  # fmt: skip


def answer(item: Dataset, asked: Dataset) -> Dataset:
    """The attributes that were asked for."""
    made, step = Dataset(), Dataset()
    for each in asked:
        if each.tag in item and each.VR != "SQ":
            made[each.tag] = item[each.tag]
    for each in asked[STEP][0]:
        if each.tag in item[STEP][0]:
            step[each.tag] = item[STEP][0][each.tag]
    made.ScheduledProcedureStepSequence = [step]
    return made


@contextmanager
def plain(items: list[Dataset]) -> Iterator[int]:
    ae = AE("PLAIN")
    ae.add_supported_context(WORKLIST, SYNTAXES)
    handlers = [(evt.EVT_C_FIND, Plain(items).on_find)]
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    yield server.server_address[1]
    server.shutdown()


@contextmanager
def simulated(items: list[Any], folder: Path) -> Iterator[tuple[int, Any]]:
    session = RunSession(None, folder, 1)
    session.site = Site("benchmark", simulators={"ris": Simulator(port=free_port())})
    session.run.casting.open({"ris"})
    ris: Any = session.run.casting.started("ris")
    ris.orders.schedule(items)
    yield session.run.casting.remote("ris", "worklist").port, ris
    session.close()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seconds(port: int, query: Dataset, rounds: int) -> tuple[float, int]:
    """Median time of a query, and its answers."""
    ae = AE("BENCHMARK")
    ae.add_requested_context(WORKLIST, SYNTAXES)
    peer = ae.associate("127.0.0.1", port, ae_title="DT_RIS")
    taken, count = [], 0
    for _ in range(rounds):
        started = time.perf_counter()
        count = sum(1 for status, data in peer.send_c_find(query, WORKLIST) if data is not None)
        taken.append(time.perf_counter() - started)
    peer.release()
    return median(taken), count


def timed(what: Callable[[], Any]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    items = scheduled(chosen.steps)
    data = [data_set(each) for each in items]
    one = data[len(data) // 2]
    queries = {
        "one patient": keys(PatientID=str(one.PatientID)),
        "accession number": keys(AccessionNumber=str(one.AccessionNumber)),
        "name and wild card": keys(PatientName=f"{str(one.PatientName)[:9]}*"),
        "day and modality": keys(ScheduledProcedureStepStartDate="20260115", Modality="CT"),
        "a whole day": keys(ScheduledProcedureStepStartDate="20260115"),
        "nobody": keys(PatientID="NOBODY"),
    }
    with tempfile.TemporaryDirectory() as name, plain(data) as other, \
            simulated(items, Path(name)) as (port, ris):  # fmt: skip
        print(f"{chosen.steps} scheduled steps, median of {chosen.rounds} rounds, ms")  # noqa: T201 - a benchmark prints
        for words, query in queries.items():
            ours, count = seconds(port, query, chosen.rounds)
            theirs, same = seconds(other, query, chosen.rounds)
            assert count == same, f"{words}: {count} answers, the other has {same}"
            print(f"{words:20} {count:5} answers  simulated {ours * 1000:8.1f}  "  # noqa: T201 - a benchmark prints
                  f"plain {theirs * 1000:8.1f}  ratio {ours / theirs:6.2f}")  # fmt: skip
        again = timed(lambda: ris.orders.schedule(items[:100]))
        print(f"{'100 steps changed':20} {again * 1000:37.1f}")  # noqa: T201 - a benchmark prints


if __name__ == "__main__":
    main()
