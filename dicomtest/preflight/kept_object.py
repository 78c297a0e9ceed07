"""Storing one small synthetic object, so that a PACS has something to send back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.dicom.objects import KINDS
from dicomtest.dicom.patients import patient
from dicomtest.dicom.uids import UidFactory
from dicomtest.preflight.reach import UNCOMPRESSED, unanswered
from dicomtest.preflight.remarks import FAIL, INFO, OK, Remark
from dicomtest.studies import Maker, Shape, plan_instances, plan_study

if TYPE_CHECKING:
    from dicomtest.actors import Simulator
    from dicomtest.evidence import Instance
    from dicomtest.preflight.contexts import Accepted


@dataclass
class Keeping:
    """Stores the object; `instance` is what was stored, once it was."""

    scu: Simulator
    remote: dimse.Remote
    folder: Path
    prefix: str
    instance: Instance | None = None

    def store(self, accepted: Accepted) -> Iterator[Remark]:
        """C-STORE an image of a kind that the system accepts uncompressed."""
        pairs = [
            (kind, syntax)
            for kind in sorted(KINDS.values(), key=lambda each: each.name != "ct")
            for syntax in UNCOMPRESSED
            if kind.is_image and syntax in accepted.syntaxes.get(kind.sop_class, ())
        ]
        if not pairs:
            yield Remark(FAIL, "C-STORE: no image SOP class is accepted uncompressed")
            return
        kind, syntax = pairs[0]
        instance = self._make(kind.name, syntax)
        proposal = dimse.Proposal(instance.sop_class, (instance.data.transfer_syntax,))
        with self.scu.associate(self.remote, [proposal]) as requestor:
            exchange = requestor.store(
                instance.data, sop_class=instance.sop_class, sop_instance=instance.sop_instance
            )
        if exchange.status is None or exchange.status not in (0, 0xB000, 0xB006, 0xB007):
            yield Remark(FAIL, unanswered(exchange), "look in the system's log")
            return
        self.instance = instance
        yield Remark(OK, f"C-STORE of a small {kind.title} as {self.scu.ae_title}: Success")
        yield Remark(
            INFO,
            f"left behind: patient ID {instance.patient_id}, study {instance.study}",
        )

    def _make(self, kind: str, syntax: str) -> Instance:
        run = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        uids = UidFactory(run)
        seed = secrets.randbelow(2**31)
        someone = patient(seed, 1, prefix=f"{self.prefix}{run[-4:]}")
        plan = plan_study(someone, uids, seed, number=1, description="dicomtest doctor")
        maker = Maker(plan, self.folder, seed, Shape(rows=64, columns=64))
        (pending,) = plan_instances((kind,), uids, seed, images=1)
        return maker.make(pending, syntax)
