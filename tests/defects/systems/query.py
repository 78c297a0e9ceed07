"""C-FIND as an SCP (PS3.4 C.4.1): Patient Root and Study Root, every level."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydicom.datadict import keyword_for_tag

from .attributes import COMPUTED, LEVEL_OF, NEVER_MATCHED, REQUIRED, supported_level
from .commands import CANCEL, PENDING, PENDING_WARNING, SUCCESS, Command, Message, response_to
from .data_set import DataSet, Element, read_data_set, write_data_set
from .holdings import LEVELS, UNIQUE_KEYS, Entity, Holdings, group
from .matching import Matching
from .settings import PATIENT_ROOT_FIND, PATIENT_ROOT_GET, PATIENT_ROOT_MOVE, Settings
from .text import fits

if TYPE_CHECKING:
    from .association import Link

PATIENT_ROOT = (PATIENT_ROOT_FIND, PATIENT_ROOT_MOVE, PATIENT_ROOT_GET)


class Refused(Exception):
    """The identifier cannot be served: status and words."""

    def __init__(self, status: int, comment: str) -> None:
        super().__init__(comment)
        self.status = status


class Query(Matching):
    """The query service of an archive."""

    settings: Settings
    holdings: Holdings
    ae_title: str

    def reply(
        self, link: Link, message: Message, response: Command, data: bytes | None = None
    ) -> None:
        """See ArchiveSCP."""
        raise NotImplementedError

    def failure(self, message: Message, status: int, comment: str) -> Command:
        """See ArchiveSCP."""
        raise NotImplementedError

    def serve_find(self, link: Link, message: Message) -> None:
        """One Pending response for every match, then Success; or a failure."""
        try:
            identifier = self.read_identifier(link, message)
            level = self.query_level(message, identifier)
            self.check_hierarchy(link, message, identifier, level)
        except Refused as refused:
            self.refuse_find(link, message, refused)
            return
        status = self.pending_status(message, identifier, level)
        for answer in self.answers(message, identifier, level):
            if self.find_cancelled(link, message):
                self.reply(link, message, response_to(message, CANCEL))
                return
            self.send_answer(link, message, status, answer)
            time.sleep(self.settings.answer_pause)
        self.finish_find(link, message, identifier)

    def refuse_find(self, link: Link, message: Message, refused: Refused) -> None:
        """The failure response."""
        self.reply(link, message, self.failure(message, refused.status, str(refused)))

    def finish_find(self, link: Link, message: Message, identifier: DataSet) -> None:
        """The final response carries no identifier."""
        self.reply(link, message, response_to(message, SUCCESS))

    def find_cancelled(self, link: Link, message: Message) -> bool:
        """Whether the requestor asked to stop."""
        return link.is_cancelled(message.id)

    def send_answer(self, link: Link, message: Message, status: int, answer: DataSet) -> None:
        """One Pending response."""
        syntax = link.contexts[message.context_id].accepted
        data = write_data_set(answer, syntax)
        self.reply(link, message, response_to(message, status), data)

    # --- the request ---

    def read_identifier(self, link: Link, message: Message) -> DataSet:
        """Decode the identifier."""
        try:
            identifier = read_data_set(
                message.data or b"", link.contexts[message.context_id].accepted
            )
        except ValueError as problem:
            raise Refused(0xC000, "Identifier cannot be read") from problem
        if message.data is None:
            raise Refused(0xA900, "No identifier")
        return identifier

    def query_level(self, message: Message, identifier: DataSet) -> str:
        """The Query/Retrieve Level, if the information model has it (C.6.1, C.6.2)."""
        level = identifier.value("QueryRetrieveLevel")
        if level not in model_levels(message):
            raise Refused(self.settings.refusal, "Query/Retrieve Level is not of the model")
        return level

    def check_hierarchy(
        self, link: Link, message: Message, identifier: DataSet, level: str
    ) -> None:
        """Unique keys of the levels above: each present with one value (C.4.1.2.1)."""
        if self.settings.relational and link.peer.extended.get(message.sop_class, b"")[:1] == b"\1":
            return
        for upper in self.levels_above(message, level):
            values = identifier.values(UNIQUE_KEYS[upper])
            if len(values) != 1 or set("*?") & set(values[0]):
                text = f"{UNIQUE_KEYS[upper]} needs one value"
                raise Refused(self.settings.refusal, text)

    def levels_above(self, message: Message, level: str) -> tuple[str, ...]:
        """The levels of the model above one level."""
        levels = model_levels(message)
        return levels[: levels.index(level)]

    # --- matching ---

    def answers(self, message: Message, identifier: DataSet, level: str) -> list[DataSet]:
        """The answers to a query, one for each matching entity."""
        found = self.matching_entities(message, identifier, level)
        return [self.answer(message, identifier, level, each) for each in found]

    def matching_entities(self, message: Message, identifier: DataSet, level: str) -> list[Entity]:
        """The entities of a level that match every key."""
        keys = self.matching_keys(message, identifier, level)
        entities = self.entities(level)
        found = [
            each
            for each in entities
            if all(self.matches_key(identifier, key, each) for key in keys)
        ]
        if self.settings.answer_order == "reverse":
            found.reverse()
        elif self.settings.answer_order == "uid":
            found.sort(key=lambda each: each.instances[0].key(level))
        return found

    def entities(self, level: str) -> list[Entity]:
        """All entities of a level."""
        return group(self.holdings.snapshot(), level)

    def matching_keys(self, message: Message, identifier: DataSet, level: str) -> list[Element]:
        """The elements of the identifier that take part in matching."""
        return [
            each for each in identifier if self.is_key(each) and self.supports(message, each, level)
        ]

    def is_key(self, element: Element) -> bool:
        """Not the level, the character set and the like (C.2.2.2, C.4.1.1.3)."""
        return keyword_for_tag(element.tag) not in NEVER_MATCHED and element.tag & 0xFFFF != 0

    def supports(self, message: Message, element: Element, level: str) -> bool:
        """Whether the archive knows a key at that level; unique and required ones it must."""
        keyword = keyword_for_tag(element.tag)
        if not keyword or element.private:
            return False
        at = LEVELS.index(supported_level(keyword))
        own = LEVELS.index(level)
        if at > own:
            return False
        return self.settings.optional_keys or keyword in self.needed(message, level)

    def needed(self, message: Message, level: str) -> set[str]:
        """The unique keys down to a level and the required ones of that level (C.6.1, C.6.2)."""
        required = REQUIRED[level]
        if level == "STUDY" and message.sop_class not in PATIENT_ROOT:
            required = REQUIRED["PATIENT"] | required
        return required | {UNIQUE_KEYS[each] for each in LEVELS[: LEVELS.index(level) + 1]}

    def matches_key(self, identifier: DataSet, key: Element, entity: Entity) -> bool:
        """One key against one entity."""
        keyword = keyword_for_tag(key.tag)
        if key.items is not None:
            target = entity.header.get(key.tag)
            inner = key.items[0] if key.items else DataSet()
            return self.matches_items(inner, (target.items if target else None) or [])
        wanted = identifier.values(key.tag)
        return self.matches(key.vr, wanted, self.attribute(entity, keyword))

    def attribute(self, entity: Entity, keyword: str) -> list[str]:
        """Values of an attribute of an entity; counts and lists are worked out (C.3.4)."""
        if keyword in COMPUTED:
            return self.computed(entity, keyword)
        return entity.header.values(keyword)

    def answered(self, entity: Entity, keyword: str) -> list[str]:
        """The same as it is written into an answer."""
        return self.attribute(entity, keyword)

    def computed(self, entity: Entity, keyword: str) -> list[str]:
        """Number of ... Related ..., Modalities in Study, SOP Classes in Study and the like."""
        whole = self.whole(entity, keyword)
        if keyword == "ModalitiesInStudy":
            values = [each.header.value("Modality") for each in whole.instances]
            return sorted(set(filter(None, values)))
        if keyword == "SOPClassesInStudy":
            return sorted({each.sop_class for each in whole.instances})
        if keyword == "AvailableTransferSyntaxUID":
            return [entity.instances[0].syntax]
        counted = {"Studies": "STUDY", "Series": "SERIES", "Instances": "IMAGE"}
        return [str(len(whole.distinct(counted[keyword.rpartition("Related")[2]])))]

    def whole(self, entity: Entity, keyword: str) -> Entity:
        """The patient, study or series a computed attribute is about."""
        about = LEVEL_OF[keyword]
        if LEVELS.index(about) >= LEVELS.index(entity.level):
            return entity
        key = entity.instances[0].key(about)
        return next(each for each in self.entities(about) if each.instances[0].key(about) == key)

    # --- the answer ---

    def pending_status(self, message: Message, identifier: DataSet, level: str) -> int:
        """FF00, or FF01 when some optional key is not supported (Table C.4-1)."""
        keys = [each for each in identifier if self.is_key(each)]
        needed = self.needed(message, level)
        full = all(
            self.supports(message, each, level)
            and (self.settings.optional_matching or keyword_for_tag(each.tag) in needed)
            for each in keys
        )
        return PENDING if full or not self.settings.warn_unsupported else PENDING_WARNING

    def answer(self, message: Message, identifier: DataSet, level: str, entity: Entity) -> DataSet:
        """The identifier of one response (C.4.1.1.3.2)."""
        found = DataSet(inherited=("ISO_IR 192",))
        for key in identifier:
            if self.is_key(key) and self.supports(message, key, level):
                self.answer_key(found, key, entity)
        for upper in [*self.levels_above(message, level), level]:
            keyword = UNIQUE_KEYS[upper]
            if keyword in identifier or upper != level:
                found.put(keyword, *self.attribute(entity, keyword))
        self.complete_answer(found, level, entity)
        return self.in_character_set(found, entity)

    def answer_key(self, found: DataSet, key: Element, entity: Entity) -> None:
        """Return one requested attribute: with all its values, or empty when unknown."""
        target = entity.header.get(key.tag)
        if key.items is not None:
            wanted = key.items[0] if key.items else DataSet()
            items = (target.items if target else None) or []
            matching = [each for each in items if self.matches_items(wanted, [each])]
            found.put_items(key.tag, [requested_part(each, wanted) for each in matching])
        else:
            values = self.answered(entity, keyword_for_tag(key.tag))
            found.put(key.tag, *values, vr=key.vr if key.vr != "UN" else "")

    def complete_answer(self, found: DataSet, level: str, entity: Entity) -> None:
        """What every response has besides the requested keys (C.4.1.1.3.2)."""
        found.put("QueryRetrieveLevel", level)
        if self.settings.retrieve_ae_title == "always" or level == "IMAGE":
            found.put("RetrieveAETitle", self.ae_title)
        else:
            found.put("RetrieveAETitle")
        if self.settings.instance_availability:
            found.put("InstanceAvailability", self.availability(entity))

    def availability(self, entity: Entity) -> str:
        """Everything is in memory."""
        return "ONLINE"

    def answer_charset(self, found: DataSet, entity: Entity) -> tuple[str, ...]:
        """The character set of one answer: as stored, or UTF-8 where that is too small."""
        texts = [text for each in found.everywhere() for e in each for text in each.values(e.tag)]
        if self.settings.answer_charset:
            preferred: tuple[str, ...] = tuple(self.settings.answer_charset.split("\\"))
        else:
            preferred = entity.header.charset
        if all(text.isascii() for text in texts):
            return preferred if self.settings.always_charset else ()
        return preferred if all(fits(text, preferred) for text in texts) else ("ISO_IR 192",)

    def in_character_set(self, found: DataSet, entity: Entity) -> DataSet:
        """Encode the answer, which was put together in UTF-8, and say how."""
        charset = self.answer_charset(found, entity)
        answer = recoded(found, charset)
        if charset:
            answer.put("SpecificCharacterSet", *charset)
        return answer


def model_levels(message: Message) -> tuple[str, ...]:
    """The levels of the information model of a request."""
    return LEVELS if message.sop_class in PATIENT_ROOT else LEVELS[1:]


def requested_part(item: DataSet, wanted: DataSet) -> DataSet:
    """The attributes of an item that were asked for; all, when none was named."""
    part = DataSet(inherited=("ISO_IR 192",))
    for element in item:
        if element.items is not None:
            inner = wanted.get(element.tag)
            if not wanted.elements or inner:
                below = inner.items[0] if inner and inner.items else DataSet()
                part.put_items(element.tag, [requested_part(each, below) for each in element.items])
        elif not wanted.elements or element.tag in wanted.elements:
            part.put(element.tag, *item.values(element.tag), vr=element.vr)
    for key in wanted:
        part.elements.setdefault(
            key.tag, Element(key.tag, key.vr, items=None if key.items is None else [])
        )
    return part


def recoded(data_set: DataSet, charset: tuple[str, ...]) -> DataSet:
    """The same values in another character set."""
    result = DataSet(inherited=charset)
    for element in data_set:
        if element.items is not None:
            result.put_items(element.tag, [recoded(each, charset) for each in element.items])
        elif element.value and (values := data_set.values(element.tag)):
            result.put(element.tag, *values, vr=element.vr)
        else:
            result.elements[element.tag] = element
    return result
