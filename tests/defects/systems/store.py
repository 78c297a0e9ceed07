"""C-STORE as an SCP (PS3.4 Annex B), keeping every attribute (level 2, B.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .commands import SUCCESS, Command, Message, response_to
from .data_set import DataSet, read_data_set, write_data_set
from .holdings import Holdings, Stored
from .settings import Settings

if TYPE_CHECKING:
    from .association import Link

PIXEL_DATA = 0x7FE00010
BULK = 4096  # bytes; longer values are not kept among the attributes


@dataclass
class Verdict:
    """What becomes of an object: the status of the response and what goes with it."""

    status: int = SUCCESS
    comment: str = ""
    offending: tuple[int, ...] = ()

    @property
    def keeps(self) -> bool:
        """Success and warnings mean that the object is kept (PS3.4 B.2.3)."""
        return self.status == SUCCESS or self.status >> 12 == 0xB


class Store:
    """The storage service of an archive."""

    settings: Settings
    holdings: Holdings

    def reply(
        self, link: Link, message: Message, response: Command, data: bytes | None = None
    ) -> None:
        """See ArchiveSCP."""
        raise NotImplementedError

    def serve_store(self, link: Link, message: Message) -> None:
        """Look at an object, keep it, answer."""
        link.stored += 1
        syntax = link.contexts[message.context_id].accepted
        data = message.data or b""
        try:
            data_set = read_data_set(data, syntax)
        except ValueError as problem:
            verdict = Verdict(0xC000, str(problem))
        else:
            verdict = self.judge_object(link, message, data_set)
            if verdict.keeps:
                verdict = self.take_in(link, message, data_set, syntax, verdict)
        self.reply(link, message, self.store_response(link, message, verdict))

    def judge_object(self, link: Link, message: Message, data_set: DataSet) -> Verdict:
        """Refuse what cannot be filed or contradicts its own command (PS3.4 Table B.2-1)."""
        if not legal_uid(message.sop_instance):
            return Verdict(0x0117, "Affected SOP Instance UID is not a UID")
        if data_set.value("SOPClassUID") != message.sop_class:
            return Verdict(0xA900, "SOP Class UID differs from the command", (0x00080016,))
        if data_set.value("SOPInstanceUID") != message.sop_instance:
            return Verdict(0xA900, "SOP Instance UID differs from the command", (0x00080018,))
        for tag, keyword in ((0x0020000D, "StudyInstanceUID"), (0x0020000E, "SeriesInstanceUID")):
            if not legal_uid(data_set.value(keyword)):
                return Verdict(0xA900, f"{keyword} is missing or not a UID", (tag,))
        return Verdict()

    def take_in(
        self, link: Link, message: Message, data_set: DataSet, syntax: str, verdict: Verdict
    ) -> Verdict:
        """Keep the object; bytes stay as received unless something was changed."""
        changed = self.to_keep(link, data_set)
        if self.settings.coerce_patient_id:
            changed = changed or data_set.copy()
            changed.put("PatientID", "X" + data_set.value("PatientID"))
            verdict = Verdict(0xB000, "Patient ID coerced", (0x00100020,))
        if self.settings.drop_empty_type_3:
            changed = without_empty(changed or data_set)
        kept = changed or data_set
        data = message.data or b"" if changed is None else write_data_set(changed, syntax)
        self.keep(
            link,
            Stored(
                sop_class=kept.value("SOPClassUID"),
                sop_instance=kept.value("SOPInstanceUID"),
                syntax=syntax,
                data=data,
                header=header_of(kept),
                link=link.number,
            ),
        )
        return verdict

    def to_keep(self, link: Link, data_set: DataSet) -> DataSet | None:
        """A changed object to keep instead, or None to keep the one received."""
        return None

    def keep(self, link: Link, stored: Stored) -> None:
        """File one object."""
        self.holdings.keep(stored)

    def store_response(self, link: Link, message: Message, verdict: Verdict) -> Command:
        """The C-STORE response (PS3.7 9.3.1.2)."""
        response = response_to(message, verdict.status)
        response["AffectedSOPInstanceUID"] = message.sop_instance
        if verdict.status != SUCCESS and self.settings.comments:
            response["ErrorComment"] = verdict.comment[:64] or None
            response["OffendingElement"] = verdict.offending or None
        return response


def legal_uid(uid: str) -> bool:
    """PS3.5 9.1: at most 64 characters, components of digits without leading zero."""
    parts = uid.split(".")
    return (
        len(uid) <= 64
        and len(parts) > 1
        and all(
            each.isascii() and each.isdigit() and (each == "0" or each[0] != "0") for each in parts
        )
    )


def header_of(data_set: DataSet) -> DataSet:
    """The attributes worth querying: everything but pixel data and other bulk."""
    return DataSet(
        {
            each.tag: each
            for each in data_set
            if each.tag != PIXEL_DATA and each.fragments is None and len(each.value) <= BULK
        }
    )


def without_empty(data_set: DataSet) -> DataSet:
    """A copy without the empty attributes that every composite IOD has as Type 3.

    PS3.4 B.4.1.1 lets a level 2 SCP drop those.
    """
    kept = data_set.copy()
    for keyword in EMPTY_TYPE_3:
        element = kept.get(keyword)
        if element is not None and not element.value and not element.items:
            kept.drop(keyword)
    return kept


EMPTY_TYPE_3 = (
    "StudyDescription",
    "SeriesDescription",
    "PatientComments",
    "InstitutionName",
    "StationName",
    "OperatorsName",
    "ProtocolName",
    "OtherPatientIDs",
    "PatientAge",
    "PatientWeight",
    "PatientSize",
    "AdmittingDiagnosesDescription",
    "PhysiciansOfRecord",
    "ImageComments",
)
