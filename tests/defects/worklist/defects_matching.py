"""Worklist providers that answer too many steps, or too few."""

from __future__ import annotations

import re

from pydicom import Dataset

from ..deviations import Registry, add
from .matching import full, time_in
from .scp import DATE, STEP, TIME, WorklistSCP, text

MATCHING: Registry = {}
KEYS = "PS3.4 K.6.1.2.2"


class Ignores(WorklistSCP):
    """Does not match some keys at all."""

    ignored: frozenset[str] = frozenset()

    def is_matched(self, name: str) -> bool:
        return name not in self.ignored and super().is_matched(name)


@add(MATCHING, KEYS, "worklist.match-station", "worklist.match-broad")
class IgnoresStation(Ignores):
    """Steps of every station are answered."""

    ignored = frozenset({"ScheduledStationAETitle"})


@add(MATCHING, KEYS, "worklist.match-modality", "worklist.match-broad")
class IgnoresModality(Ignores):
    """Steps of every modality are answered."""

    ignored = frozenset({"Modality"})


@add(MATCHING, KEYS, "worklist.match-patient-id", "worklist.match-several-keys")
class IgnoresPatientId(Ignores):
    """Patient ID is not matched."""

    ignored = frozenset({"PatientID"})


@add(MATCHING, KEYS, "worklist.match-patient-name", "worklist.match-patient-name-wild-card")
class IgnoresPatientName(Ignores):
    """Patient's Name is not matched."""

    ignored = frozenset({"PatientName"})


@add(MATCHING, KEYS, "worklist.match-physician", "worklist.match-physician-wild-card")
class IgnoresPhysician(Ignores):
    """Scheduled Performing Physician's Name is not matched."""

    ignored = frozenset({"ScheduledPerformingPhysicianName"})


@add(MATCHING, KEYS, "worklist.match-start-date", "worklist.match-start-date-range")
class IgnoresDate(Ignores):
    """The whole future is answered, whatever day is asked for."""

    ignored = frozenset({DATE})


@add(MATCHING, KEYS, "worklist.match-start-time", "worklist.match-start-time-range")
class IgnoresTime(Ignores):
    """Start time is not matched."""

    ignored = frozenset({TIME})


@add(MATCHING, "IHE RAD TF-2 4.5.4.1.2", "worklist.optional-keys-match")
class IgnoresAccessionNumber(Ignores):
    """Accession Number and Requested Procedure ID are not matched."""

    ignored = frozenset({"AccessionNumber", "RequestedProcedureID"})


@add(MATCHING, "PS3.4 C.2.2.2.6", "worklist.match-station", "worklist.match-broad",
     "worklist.match-several-keys")  # fmt: skip
class IgnoresTheSequence(WorklistSCP):
    """What is asked in Scheduled Procedure Step Sequence is not matched."""

    def matches(self, item: Dataset, keys: Dataset) -> bool:
        return self.place_matches(item, keys)


@add(MATCHING, "PS3.4 C.2.2.2.6", "worklist.match-several-keys")
class OneKeyIsEnough(WorklistSCP):
    """A step that matches one of the keys is answered."""

    def matches(self, item: Dataset, keys: Dataset) -> bool:
        found = []
        for place, wanted in ((item, keys), (item[STEP][0], self.step_keys(keys))):
            for each in wanted:
                if each.keyword and each.VR != "SQ" and text(wanted, each.keyword):
                    one = Dataset()
                    one[each.tag] = each
                    found.append(self.place_matches(place, one))
        return any(found) or not found


@add(MATCHING, "PS3.4 C.2.2.2.4", "worklist.match-patient-name-wild-card",
     "worklist.match-physician-wild-card")  # fmt: skip
class NoWildCards(WorklistSCP):
    """A wild card is taken for a character."""

    def name_matches(self, key: str, value: str) -> bool:
        return key == value


@add(MATCHING, "PS3.4 C.2.2.2.4", "worklist.match-patient-name-wild-card")
class QuestionMarkForAnyNumber(WorklistSCP):
    """A question mark stands for any characters."""

    def name_matches(self, key: str, value: str) -> bool:
        return super().name_matches(key.replace("?", "*"), value)


@add(MATCHING, "PS3.4 C.2.2.2.4", "worklist.match-patient-name-wild-card")
class WildCardNeedsACharacter(WorklistSCP):
    """A star does not stand for nothing."""

    def name_matches(self, key: str, value: str) -> bool:
        pattern = re.escape(key).replace(r"\*", ".+").replace(r"\?", ".")
        return re.fullmatch(pattern, value) is not None


@add(MATCHING, "PS3.4 C.2.2.2.4", "worklist.match-patient-name-wild-card")
class OnlyOneWildCard(WorklistSCP):
    """What follows the first star is not looked at."""

    def name_matches(self, key: str, value: str) -> bool:
        head, star, _ = key.partition("*")
        return super().name_matches(head + star, value)


@add(MATCHING, "PS3.4 C.2.2.2.1", "worklist.match-patient-id")
class FindsParts(WorklistSCP):
    """A single value is found anywhere in a longer one, as LIKE '%value%' does."""

    def value_matches(self, name: str, vr: str, key: str, value: str) -> bool:
        if vr in ("LO", "SH", "AE", "CS"):
            return key in value
        return super().value_matches(name, vr, key, value)


@add(MATCHING, "PS3.4 C.2.2.2.5", "worklist.match-start-date-range")
class LastDayIsOut(WorklistSCP):
    """The last day of a range does not belong to it."""

    def date_matches(self, key: str, value: str) -> bool:
        last = key.partition("-")[2]
        return super().date_matches(key, value) and value != last


@add(MATCHING, "PS3.4 C.2.2.2.5", "worklist.match-start-date-range")
class NoOpenRanges(WorklistSCP):
    """A range needs both ends."""

    def date_matches(self, key: str, value: str) -> bool:
        low, dash, high = key.partition("-")
        return super().date_matches(key, value) and (not dash or bool(low and high))


@add(MATCHING, "PS3.4 C.2.2.2.5", "worklist.match-start-date-range")
class RangeIsItsFirstDay(WorklistSCP):
    """Of a range only the first day is looked at."""

    def date_matches(self, key: str, value: str) -> bool:
        return super().date_matches(key.partition("-")[0] or key, value)


@add(MATCHING, "PS3.4 C.2.2.2.5", "worklist.match-start-time-range")
class TimesToTheHour(WorklistSCP):
    """Times are compared by the hour."""

    def time_matches(self, key: str, value: str) -> bool:
        hours = "-".join(each[:2] for each in key.split("-"))
        return time_in(hours, value[:2])


@add(MATCHING, "PS3.4 C.2.2.2.5", "worklist.match-start-time-range")
class TimesAsNumbers(WorklistSCP):
    """Times of another precision are compared as numbers."""

    def time_matches(self, key: str, value: str) -> bool:
        low, dash, high = key.partition("-")
        if not dash:
            return full(key) == full(value)
        number = float(value)
        return (not low or float(low) <= number) and (not high or number <= float(high))

    def moment_matches(self, step: Dataset, dates: str, times: str) -> bool:
        return super().moment_matches(step, dates, times)


@add(MATCHING, "PS3.4 C.2.2.2.5.4", "worklist.match-date-time")
class DateAndTimeApart(WorklistSCP):
    """A range of dates and one of times are matched each for itself."""

    def moment_matches(self, step: Dataset, dates: str, times: str) -> bool:
        on_day = self.date_matches(dates, text(step, DATE))
        return on_day and self.time_matches(times, text(step, TIME))


@add(MATCHING, "PS3.4 C.2.2.2.5.4", "worklist.match-date-time")
class TimeRangeIsDropped(WorklistSCP):
    """With a range of dates the range of times is not looked at."""

    def moment_matches(self, step: Dataset, dates: str, times: str) -> bool:
        return self.date_matches(dates, text(step, DATE))


@add(MATCHING, "PS3.4 C.2.2.2.6", "worklist.match-universal-sequence")
class EmptySequenceFindsNothing(WorklistSCP):
    """Without keys in the sequence nothing is found."""

    def matches(self, item: Dataset, keys: Dataset) -> bool:
        return bool(len(self.step_keys(keys))) and super().matches(item, keys)


@add(MATCHING, "PS3.4 K.2.2.1.1.2", "worklist.match-optional-key")
class OptionalKeyFindsNothing(WorklistSCP):
    """A key that is not supported matches nothing."""

    def key_matches(self, name: str, key: str, place: Dataset) -> bool:
        if name == "StudyInstanceUID" and key:
            return False
        return super().key_matches(name, key, place)


@add(MATCHING, "IHE RAD TF-2 4.5.4.1.2", "worklist.match-patient-based")
class AccessionNumberFindsNothing(WorklistSCP):
    """A patient cannot be looked up by accession number."""

    def key_matches(self, name: str, key: str, place: Dataset) -> bool:
        if name == "AccessionNumber" and key:
            return False
        return super().key_matches(name, key, place)


@add(MATCHING, "PS3.4 C.2.2.2", "worklist.match-character-set")
class NoNamesBeyondAscii(WorklistSCP):
    """Names beyond ASCII are never found."""

    def name_matches(self, key: str, value: str) -> bool:
        return key.isascii() and super().name_matches(key, value)


@add(MATCHING, "PS3.4 K.4.1.1.3.1", "worklist.character-set-of-request")
class RefusesCharacterSets(WorklistSCP):
    """A request with Specific Character Set is refused."""

    def refuses(self, keys: Dataset) -> int | None:
        return 0xC000 if "SpecificCharacterSet" in keys else super().refuses(keys)


@add(MATCHING, "PS3.4 K.4.1.3", "worklist.match-station")
class StationOfAnotherCase(WorklistSCP):
    """AE titles are compared without regard to case."""

    def value_matches(self, name: str, vr: str, key: str, value: str) -> bool:
        if vr == "AE":
            return key.casefold() == value.casefold()
        return super().value_matches(name, vr, key, value)


@add(MATCHING, "PS3.4 K.4.1.3", "worklist.all-matches", "worklist.expected-steps",
     scenario="form")  # fmt: skip
class LosesTheLast(WorklistSCP):
    """A query by station loses the last step that matches."""

    def found(self, keys: Dataset) -> list[Dataset]:
        found = super().found(keys)
        return found[:-1] if text(self.step_keys(keys), "ScheduledStationAETitle") else found


@add(MATCHING, KEYS, "worklist.expected-steps", scenario="form")
class IgnoresStationOfAScenario(IgnoresStation):
    """Steps of every station are answered to a modality that asks for its own."""


@add(MATCHING, KEYS, "worklist.only-matches", scenario="form")
class AnswersEverything(WorklistSCP):
    """Every step is answered to every query."""

    def found(self, keys: Dataset) -> list[Dataset]:
        return self.items()
