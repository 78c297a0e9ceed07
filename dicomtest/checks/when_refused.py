"""What a sender does when others fail: it sends again, and believes nothing to be safe too early.

No clause asks for a repetition; IHE and every user expect it, so a breach is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import SCU, SHOULD, check
from dicomtest.checks.association_user import theirs
from dicomtest.checks.commit_messages import all_reports, asked
from dicomtest.checks.mpps_messages import value
from dicomtest.checks.mpps_series import final, listed
from dicomtest.checks.statuses import said, took
from dicomtest.dicom.mpps_model import STATUS
from dicomtest.evidence import Association, Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

LOST = "The image exists nowhere but in the modality, and nobody knows."


def attempts(step: StepEvidence) -> dict[str, list[Exchange]]:
    """The C-STORE requests of a step by SOP Instance UID, those made wrong on purpose left out."""
    found: dict[str, list[Exchange]] = {}
    if not step.facts.get("fault"):
        for each in step.exchanges("C-STORE"):
            if each.ending != "not sent":
                found.setdefault(each.sop_instance, []).append(each)
    return found


def fate(step: StepEvidence, *, of: str) -> dict[str, bool]:
    """Whether each instance that was sent to a provider so far was taken, if only once."""
    found: dict[str, bool] = {}
    for each in (*step.story, step):
        if each.kind == "store" and each.scp == of and each.scu == step.scu:
            for uid, tries in attempts(each).items():
                found[uid] = found.get(uid, False) or any(took(one.status) for one in tries)
    return found


@check("store.scu-sends-again", judges=SCU, level=SHOULD, cites="PS3.4 B.2.3", steps="store",
       when="faults", consequence=LOST,
       fix="Switch on the repetition of failed transfers in the sender.")  # fmt: skip
def what_was_refused_is_sent_again(step: StepEvidence) -> Iterator[Judgement]:
    """An object that was refused, or whose transfer broke off, is sent again until it is taken."""
    looked = False
    for uid, tries in attempts(step).items():
        if took(tries[0].status):
            continue
        looked = True
        last = tries[-1]
        how = said(last.status) if last.final else last.ending
        yield judge(took(last.status), expected="sent again and taken",
                    actual=f"sent {len(tries)} times, {how} at last",
                    at=f"instance {uid}")  # fmt: skip
    if not looked:
        raise NotApplicable("no object was refused")


@check("store.scu-warning-is-success", judges=SCU, level=SHOULD, cites="PS3.4 B.2.3",
       steps="store", when="faults",
       consequence="The same image is sent again and again.")  # fmt: skip
def a_warning_counts_as_stored(step: StepEvidence) -> Iterator[Judgement]:
    """An object that was taken with a warning is not sent again."""
    looked = False
    for uid, tries in attempts(step).items():
        for number, each in enumerate(tries, 1):
            if each.status is not None and each.status >> 12 == 0xB:
                looked = True
                yield judge(number == len(tries), expected="sent once",
                            actual=f"sent {len(tries)} times", at=f"instance {uid}")  # fmt: skip
                break
    if not looked:
        raise NotApplicable("nothing was answered with a warning")


@check("association.scu-tries-again", judges=SCU, level=SHOULD, cites="PS3.8 9.3.4",
       steps=("store", "commit", "mpps", "worklist", "query", "move", "get", "print"),
       when="faults", consequence=LOST)  # fmt: skip
def another_association_is_tried(step: StepEvidence) -> Iterator[Judgement]:
    """After an association that was rejected, aborted or broken off, another one is requested, and
    the job is done on it."""
    every = [each for each in step.associations if each.label == "busy"] + list(theirs(step))
    every.sort(key=lambda each: each.opened)
    failed = [each for each in every if _broken_off(each)]
    if not failed:
        raise NotApplicable("no association was refused")
    later = [each for each in every if each.opened > failed[-1].opened]
    good = any(each.outcome == "accepted" and each.exchanges for each in later)
    yield judge(good, expected="another association", actual="none was accepted", at=failed[-1])


def _broken_off(association: Association) -> bool:
    """Whether the provider refused or ended it."""
    if association.outcome != "accepted":
        return association.outcome in ("rejected", "aborted", "no answer")
    if association.seen_from == "acceptor":
        return association.ended == "aborted by us" or "dropped" in association.notes
    return association.ended in ("aborted by peer", "connection closed")


@check("worklist.scu-survives", judges=SCU, level=SHOULD, cites="PS3.4 K.4.1.1.4",
       steps="worklist", when="faults",
       consequence="The modality has no worklist on a busy day.")  # fmt: skip
def any_worklist_is_survived(step: StepEvidence) -> Iterator[Judgement]:
    """However many responses come, none or hundreds, the modality takes them all or cancels the
    query, and does not break the association off."""
    for association in theirs(step):
        for each in association.of("C-FIND"):
            orderly = each.ending == "answered"
            yield judge(orderly, expected="all responses taken, or C-CANCEL",
                        actual=f"{each.ending} after {len(each.pending)} responses",
                        at=each)  # fmt: skip


@check("mpps.scu-sends-again", judges=SCU, level=SHOULD, cites="IHE RAD TF-2 4.6", steps="mpps",
       when="faults", consequence="The examination is never reported as begun or done.",
       fix="Switch on the repetition of failed reports in the modality.")  # fmt: skip
def what_was_not_taken_is_reported_again(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE or N-SET that was refused for want of resources or a processing failure is sent
    again until it is taken."""
    tries: dict[tuple[str, str], list[Exchange]] = {}
    for each in step.exchanges("N-CREATE", "N-SET"):
        tries.setdefault((each.service, each.sop_instance), []).append(each)
    refused = {key: one for key, one in tries.items() if not took(one[0].status)}
    if not refused:
        raise NotApplicable("no report was refused")
    for (service, uid), one in refused.items():
        yield judge(took(one[-1].status), expected="sent again and taken",
                    actual=f"sent {len(one)} times, {said(one[-1].status)} at last",
                    at=f"{service} {uid}")  # fmt: skip


@check("mpps.scu-completed-is-stored", judges=SCU, level=SHOULD, cites="IHE RAD TF-2 4.7",
       steps="mpps",
       consequence="The study counts as complete, and images are missing.")  # fmt: skip
def completed_lists_only_what_was_stored(step: StepEvidence) -> Iterator[Judgement]:
    """A step that is COMPLETED lists no instance that the archive was sent and did not take."""
    archives = {each.scp for each in step.story if each.kind == "store" and each.scu == step.scu}
    known = {uid: good for one in sorted(archives) for uid, good in fate(step, of=one).items()}
    for each in final(step):
        if value(each.attributes, STATUS) == "COMPLETED":
            for one in listed(each):
                if one.sop_instance in known:
                    yield judge(known[one.sop_instance], expected="an instance that is stored",
                                actual="refused by the archive",
                                at=f"instance {one.sop_instance}")  # fmt: skip


@check("commit.scu-covers-the-study", judges=SCU, level=SHOULD, cites="IHE RAD TF-2 4.10",
       steps="commit",
       consequence="Images that nobody keeps are deleted with the rest.")  # fmt: skip
def everything_stored_is_to_be_committed(step: StepEvidence) -> Iterator[Judgement]:
    """The requests so far cover every instance of a study that the archive took, where they cover
    any of it."""
    if step.facts.get("empty") or not list(asked(step)):
        raise NotApplicable("this request is about nothing, or about an earlier one")
    stored: dict[str, set[str]] = {}
    for one in step.story:
        if one.kind == "store" and one.scp == step.scp and one.scu == step.scu:
            taken = {uid for uid, tries in attempts(one).items()
                     if any(took(each.status) for each in tries)}  # fmt: skip
            for instance in one.instances:
                if instance.sop_instance in taken:
                    stored.setdefault(instance.study, set()).add(instance.sop_instance)
    wanted = {reference.sop_instance for one in (*step.story, step) if one.scu == step.scu
              for each in asked(one) for reference in each.references}  # fmt: skip
    for study, instances in stored.items():
        if instances & wanted:
            left = sorted(instances - wanted)
            yield judge(not left, expected=f"{len(instances)} instances of {study}",
                        actual=f"without {', '.join(left[:3])}" if left else "",
                        at=f"study {study}")  # fmt: skip


@check("commit.scu-not-what-was-refused", judges=SCU, level=SHOULD, cites="PS3.4 J.3.2.1",
       steps="commit", consequence=LOST)  # fmt: skip
def only_what_was_stored_is_to_be_committed(step: StepEvidence) -> Iterator[Judgement]:
    """No instance is to be committed that the archive was sent and never took: it is sent again
    first."""
    known = fate(step, of=step.scp)
    for each in asked(step):
        for reference in each.references:
            if reference.sop_instance in known:
                yield judge(known[reference.sop_instance], expected="an instance that is stored",
                            actual="refused by the archive",
                            at=f"instance {reference.sop_instance}")  # fmt: skip


@check("store.scu-keeps-what-is-not-committed", judges=SCU, level=SHOULD,
       cites="IHE RAD TF-2 4.10", steps="store", when="again",
       consequence="The image is lost: the archive does not keep it, and the modality deleted "
       "it.")  # fmt: skip
def what_was_not_committed_is_still_there(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that the archive reported as not committed can still be sent."""
    failed: dict[str, bool] = {}
    for one in step.story:
        if one.kind == "commit" and one.scu == step.scu and one.scp == step.scp:
            for each in all_reports(one):
                failed |= {ref.sop_instance: True for ref in each.failed}
                failed |= {ref.sop_instance: False for ref in each.committed}
    again = {each.sop_instance for one in step.story if one.kind == "store"
             for each in one.instances}  # fmt: skip
    sent = {each.sop_instance for each in step.exchanges("C-STORE")}
    wanted = sorted(uid for uid, lost in failed.items() if lost and uid in again)
    if not wanted:
        raise NotApplicable("everything was committed")
    for uid in wanted:
        yield judge(uid in sent, expected="sent again", actual="not sent", at=f"instance {uid}")
