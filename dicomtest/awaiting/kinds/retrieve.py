"""A real workstation is to retrieve from our archive: C-MOVE to itself, or C-GET."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtest.awaiting.expectation import CannotBeAsked, Expectation, Progress
from dicomtest.awaiting.kinds.query import one, read
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import (
    ACCESSION_NUMBER,
    Words,
    of_total,
    patient_rows,
    patient_values,
)

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.get import GetParameters
    from dicomtest.transactions.move import MoveParameters

SETTLE = 3.0
LABEL = "sub-operation"


def is_move(association: Association, exchange: Exchange) -> bool:
    """Whether it is a C-MOVE, or a C-STORE that it brought about."""
    ours = association.seen_from == "requestor"
    return exchange.service == "C-MOVE" or (ours and _is_sub_operation(exchange))


def is_get(association: Association, exchange: Exchange) -> bool:
    """Whether it is a C-GET, or a C-STORE that it brought about."""
    theirs = association.seen_from == "acceptor"
    return exchange.service == "C-GET" or (theirs and _is_sub_operation(exchange))


def _is_sub_operation(exchange: Exchange) -> bool:
    return exchange.service == "C-STORE" and exchange.label == LABEL


class Retrieval(Expectation):
    """A request that brings about a C-STORE for every instance wanted."""

    settle = SETTLE

    def __init__(
        self, stage: Stage, parameters: MoveParameters | GetParameters, step: StepEvidence
    ) -> None:
        """Await the retrieval of the studies named."""
        from dicomtest.transactions.retrieval import GET, MOVE, wanted_instances

        super().__init__(stage, parameters, step)
        self.wanted = wanted_instances(stage, parameters)
        self.service = f"C-{step.kind.upper()}"
        self.sop_class = (MOVE if step.kind == "move" else GET)[parameters.model]

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Requests with a final response, and what was sent because of them."""
        want = {each.sop_instance for each in self.wanted}
        asked, sent = _first_that_does(messages, self.service, set() if lenient else want)
        tried = {each.sop_instance for each in sent if each.final is not None}
        taken = {each.sop_instance for each in sent if each.status == 0}
        want = {each.sop_instance for each in self.wanted}
        over = [each for each in asked if each.final is not None]
        near = self.refused([each for each in messages if each[1].service == self.service])
        if over and not want <= tried:
            have = of_total(len(want & tried), len(want), "object", "objects", "已请求对象")
            near.append(Words(f"a retrieval of {have.en} came", have.zh))
        if tried - taken:
            near.append(
                Words(
                    f"{len(tried - taken)} objects were not taken when we sent them",
                    f"发送的对象中有 {len(tried - taken)} 个未被接收",
                )
            )
        if over and not tried:
            asked_for = ", ".join(
                dict.fromkeys(one(read(each.data), "StudyInstanceUID") or "-" for each in over)
            )
            near.append(
                Words(
                    f"the retrieval named something else or nothing (study {asked_for})",
                    f"该调阅请求指定了其他内容或未指定内容（检查 {asked_for}）",
                )
            )
        seen = [
            Words(f"{each.service}, {len(taken)} objects taken", f"{each.service}，已接收 "
                  f"{len(taken)} 个对象")
            for each in asked[-2:]
        ]  # fmt: skip
        return Progress(
            done=bool(over) and (lenient or want <= tried),
            mine=[*asked, *sent],
            seen=seen,
            near=near,
            short=Words(f"no {self.service} asked for the study", f"未收到该检查的 {self.service}"),
        )

    def finish(self, progress: Progress) -> None:
        """As the transaction notes it."""
        asked = [each for each in progress.mine if each.service == self.service]
        parameters = self.parameters
        self.step.instances = list(self.wanted)
        facts = self.step.facts
        facts.update(
            wanted=[each.sop_instance for each in self.wanted],
            refused=[],
            narrow=False,
            probe="",
            level=parameters.level,
            model=parameters.model,
            requested=bool(asked),
        )
        if self.service == "C-MOVE":
            title = str(asked[0].command.get("MoveDestination", "")) if asked else ""
            facts.update(
                destination=title.strip(), unknown=False, down=False, move_class=self.sop_class
            )
        else:
            facts.update(not_offered=[], get_class=self.sop_class)

    def request(self) -> Dataset | None:
        """The identifier of a simulator's request."""
        from dicomtest.transactions.retrieval import retrieve_identifier

        return retrieve_identifier(self.stage, self.parameters, self.wanted)


def _first_that_does(
    messages: Sequence[Message], service: str, want: set[str]
) -> tuple[list[Exchange], list[Exchange]]:
    """The requests up to the first one that all was sent for, and what was sent until its end."""
    asked = [exchange for _, exchange in messages if exchange.service == service]
    sent = [exchange for _, exchange in messages if exchange.service == "C-STORE"]
    for number, each in enumerate(asked, 1):
        if each.final is None:
            continue
        before = [one for one in sent if one.began <= each.final.at]
        if want <= {one.sop_instance for one in before}:
            return asked[:number], before
    return asked, sent


@awaits("move", concerns=is_move)
def move(stage: Stage, parameters: MoveParameters, step: StepEvidence) -> Expectation:
    """Retrieving by C-MOVE to itself."""
    tricks = (
        parameters.unknown_destination or parameters.destination_down
        or parameters.destination not in (None, parameters.from_)
    )  # fmt: skip
    return _made(stage, parameters, step, bool(tricks))


@awaits("get", concerns=is_get)
def get(stage: Stage, parameters: GetParameters, step: StepEvidence) -> Expectation:
    """Retrieving by C-GET."""
    return _made(stage, parameters, step, parameters.no_role or bool(parameters.leave_out))


def _made(
    stage: Stage, parameters: MoveParameters | GetParameters, step: StepEvidence, tricks: bool
) -> Expectation:
    tricks = tricks or parameters.unknown_study or parameters.probe is not None
    tricks = tricks or parameters.accept != "all" or parameters.transfer_syntax != "any"
    if tricks or parameters.cancel_after is not None:
        raise CannotBeAsked(f"a real {step.scu} does not do this on purpose")
    made = Retrieval(stage, parameters, step)
    names = parameters.names or ((parameters.order,) if parameters.order else ())
    if not made.wanted:
        raise CannotBeAsked("nothing was stored that could be retrieved")
    title = step.players[step.scp].ae_title
    plan = stage.known(names[0]).plan
    made.use = [*patient_rows(plan.subject), (ACCESSION_NUMBER, plan.accession_number)]
    made.values = {
        **patient_values(plan.subject),
        "accession_number": plan.accession_number,
        "study_instance_uid": plan.study_uid,
        "images": str(len(made.wanted)),
        "level": parameters.level,
    }
    made.task = Words(
        f"Retrieve this patient's study from {title} and open it.",
        f"请从 {title} 调阅该患者的检查并打开。",
    )
    made.awaited = Words(
        f"a {made.service} request for {len(made.wanted)} objects",
        f"调阅 {len(made.wanted)} 个对象的 {made.service} 请求",
    )
    made.tell_destination()
    return made
