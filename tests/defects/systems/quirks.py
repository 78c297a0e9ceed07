"""Legal peculiarities of archives: on none of them may a check fail or warn.

Where two of them contradict each other they are two quirks, and both are right.
"""

from __future__ import annotations

from importlib import import_module

from .deviation import QUIRKS, plain_quirk
from .settings import (
    NATIVE,
    QUERY_RETRIEVE,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
)

__all__ = ["QUIRKS"]

EXPLICIT, IMPLICIT = NATIVE[:2]
CT_AND_MR = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4")
STUDY_ROOT = (STUDY_ROOT_FIND, STUDY_ROOT_MOVE, STUDY_ROOT_GET)
WITHOUT_GET = tuple(uid for uid in QUERY_RETRIEVE if not uid.endswith(".3"))

plain_quirk(
    "pdu-4096",
    "Receives P-DATA-TF PDUs of at most 4096 bytes.",
    "PS3.8 D.1",
    "association",
    max_pdu=4096,
)
plain_quirk(
    "pdu-unlimited",
    "Announces 0: no limit on the length of P-DATA-TF PDUs.",
    "PS3.8 D.1",
    "association",
    max_pdu=0,
)
plain_quirk(
    "pdu-131072",
    "Receives P-DATA-TF PDUs of up to 131072 bytes.",
    "PS3.8 D.1",
    "association",
    max_pdu=131072,
)
plain_quirk(
    "accepts-any-called-ae-title",
    "Does not look at the called AE title.",
    "PS3.8 9.3.4",
    "association",
    check_called=False,
)
plain_quirk(
    "one-association-at-a-time",
    "Rejects a second association with 2/3/2 (local limit exceeded, transient).",
    "PS3.8 9.3.4",
    "association",
    max_associations=1,
)
plain_quirk(
    "only-ct-and-mr",
    "Accepts no storage SOP class but CT and MR Image Storage.",
    "PS3.8 9.3.3.2",
    "association",
    storage_classes=CT_AND_MR,
)
plain_quirk(
    "only-implicit-vr",
    "Accepts Implicit VR Little Endian alone.",
    "PS3.8 9.3.3.2",
    "association",
    syntaxes=(IMPLICIT,),
    query_syntaxes=(IMPLICIT,),
)
plain_quirk(
    "own-order-of-transfer-syntaxes",
    "Picks the transfer syntax by its own preference.",
    "PS3.8 9.3.3.2",
    "association",
    proposals_first=False,
)
plain_quirk(
    "slow-release",
    "Answers A-RELEASE-RQ after 300 ms.",
    "PS3.8 7.2",
    "association",
    release_delay=0.3,
)
plain_quirk(
    "slow-answers",
    "Sends every response 300 ms late.",
    "PS3.7 9.1",
    "association",
    delay=0.3,
)
plain_quirk(
    "no-patient-root",
    "Offers the Study Root model only.",
    "PS3.4 C.3",
    "find",
    query_retrieve=STUDY_ROOT,
)
plain_quirk(
    "no-get",
    "Offers no C-GET.",
    "PS3.4 C.3",
    "get",
    query_retrieve=WITHOUT_GET,
)
plain_quirk(
    "storage-only",
    "Offers no query and no retrieve.",
    "PS3.4 B.1",
    "store",
    query_retrieve=(),
)
plain_quirk(
    "responses-without-sop-class",
    "Leaves the optional Affected SOP Class UID out of responses.",
    "PS3.7 9.3",
    "association",
    response_sop_class=False,
)
plain_quirk(
    "no-error-comments",
    "Gives no Error Comment and no Offending Element with a failure.",
    "PS3.7 C.4",
    "association",
    comments=False,
)
plain_quirk(
    "coerces-patient-id",
    "Puts its own prefix before Patient ID and says so with B000.",
    "PS3.4 B.4.1.3",
    "store",
    coerce_patient_id=True,
)
plain_quirk(
    "drops-empty-type-3",
    "Drops empty Type 3 attributes.",
    "PS3.4 B.4.1.1",
    "store",
    drop_empty_type_3=True,
)
plain_quirk(
    "names-case-sensitive",
    "Matches person names case-sensitively.",
    "PS3.4 C.2.2.2.1",
    "find",
    name_case_ignored=False,
)
plain_quirk(
    "names-without-accents",
    "Ignores case and accents in person names.",
    "PS3.4 C.2.2.2.1",
    "find",
    name_accents_ignored=True,
)
plain_quirk(
    "answers-in-utf-8",
    "Answers queries in ISO_IR 192 whatever the objects are in.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    answer_charset="ISO_IR 192",
)
plain_quirk(
    "answers-in-latin-1",
    "Answers queries in ISO_IR 100 where that is enough.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    answer_charset="ISO_IR 100",
)
plain_quirk(
    "always-names-the-character-set",
    "Sends Specific Character Set with every answer.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    answer_charset="ISO_IR 192",
    always_charset=True,
)
plain_quirk(
    "no-optional-keys",
    "Supports unique and required keys only: others are absent, with FF01.",
    "PS3.4 C.2.2.1.3",
    "find",
    optional_keys=False,
)
plain_quirk(
    "ff00-for-every-answer",
    "Sends FF00 even where a requested optional key is not supported.",
    "PS3.4 C.4.1.1.4",
    "find",
    warn_unsupported=False,
)
plain_quirk(
    "returns-instance-availability",
    "Returns Instance Availability.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    instance_availability=True,
)
plain_quirk(
    "retrieve-ae-title-at-image-level",
    "Leaves Retrieve AE Title empty above the lowest level.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    retrieve_ae_title="image level",
)
plain_quirk(
    "answers-in-reverse-order",
    "Sends the latest match first.",
    "PS3.4 C.4.1",
    "find",
    answer_order="reverse",
)
plain_quirk(
    "answers-sorted-by-uid",
    "Sends matches in order of their UIDs.",
    "PS3.4 C.4.1",
    "find",
    answer_order="uid",
)
plain_quirk(
    "answers-with-pauses",
    "Takes 50 ms between two answers.",
    "PS3.4 C.4.1",
    "find",
    answer_pause=0.05,
)
plain_quirk(
    "refuses-with-c000",
    "Refuses an identifier that breaks the hierarchy with C000 instead of A900.",
    "PS3.4 C.4.1.1.4",
    "find",
    refusal=0xC000,
)
plain_quirk(
    "relational-queries",
    "Negotiates relational queries when they are asked for.",
    "PS3.4 C.5.1.1",
    "find",
    relational=True,
)
plain_quirk(
    "no-pending-moves",
    "Sends no Pending response while it moves.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_every=None,
)
plain_quirk(
    "pending-after-the-last",
    "Sends a Pending response after the last sub-operation too.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_last=True,
)
plain_quirk(
    "pending-before-the-first",
    "Sends a Pending response before the first sub-operation.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_first=True,
)
plain_quirk(
    "pending-every-third",
    "Sends a Pending response after every third sub-operation.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_every=3,
)
plain_quirk(
    "final-without-counters",
    "Sends no counters with the final response.",
    "PS3.4 C.4.2.1.6",
    "move",
    final_counters=False,
)
plain_quirk(
    "one-association-per-instance",
    "Opens an association for each sub-operation.",
    "PS3.4 C.4.2.3.1",
    "move",
    associations="each",
)
plain_quirk(
    "proposes-extra-contexts",
    "Proposes Verification beside the storage contexts it needs.",
    "PS3.8 7.1",
    "move",
    extra_contexts=True,
)
plain_quirk(
    "one-context-per-class",
    "Proposes one context with several transfer syntaxes per SOP class.",
    "PS3.8 9.3.2.2",
    "move",
    contexts_per_class="one",
)
plain_quirk(
    "releases-after-the-final-response",
    "Releases the association of the sub-operations after the final response.",
    "PS3.4 C.4.2.3.1",
    "move",
    release_late=True,
)
plain_quirk(
    "nothing-to-move-is-a900",
    "Answers a retrieve that matches nothing with A900.",
    "PS3.4 C.4.2.1.5",
    "move",
    nothing_found=0xA900,
)
plain_quirk(
    "nothing-to-move-is-c000",
    "Answers a retrieve that matches nothing with C000.",
    "PS3.4 C.4.2.1.5",
    "move",
    nothing_found=0xC000,
)
plain_quirk(
    "sends-implicit-vr",
    "Sends retrieved objects in Implicit VR Little Endian where that is accepted.",
    "PS3.4 C.4.2.3.1",
    "move",
    retrieve_syntax=IMPLICIT,
)
plain_quirk(
    "sends-explicit-vr",
    "Sends retrieved objects in Explicit VR Little Endian where that is accepted.",
    "PS3.4 C.4.2.3.1",
    "move",
    retrieve_syntax=EXPLICIT,
)
plain_quirk(
    "slow-sub-operations",
    "Takes 100 ms for each sub-operation.",
    "PS3.4 C.4.2",
    "move",
    sub_operation_pause=0.1,
)


plain_quirk(
    "names-matched-whole",
    "Matches person names with all their component groups, not one group alone.",
    "PS3.4 C.2.2.2.1.1",
    "find",
    names_whole=True,
)
plain_quirk(
    "optional-keys-are-not-matched",
    "Returns optional keys but takes any value in them for universal matching, with FF01.",
    "PS3.4 C.2.2.1.3",
    "find",
    optional_matching=False,
)

import_module(f"{__package__}.quirks_hooked")
