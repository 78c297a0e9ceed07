"""Device profiles: what a simulated device claims, a conformance statement that machines read.

A profile is `simulators/NAME.yaml`. Names of SOP classes and transfer syntaxes are looked up
when the profile is loaded, so a profile that loaded is sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from dicomtest.errors import SpecError, UsageError
from dicomtest.resources import simulators_dir
from dicomtest.spec import names
from dicomtest.spec.base import ActorName, AETitle, Duration, Filled, Model, OneOrMore, Port, Text
from dicomtest.spec.faults import Faults
from dicomtest.spec.printer import PrinterClaims
from dicomtest.spec.validate import Place, validate
from dicomtest.spec.words import unknown, wrong
from dicomtest.spec.yaml import read

Role = Literal["scu", "scp"]


def _known_syntax(name: str) -> str:
    names.transfer_syntax_uids([name])
    return name


SopClassUid = Annotated[str, AfterValidator(names.sop_class_uid)]
"""A SOP class, written by keyword, UID or short name; holds the UID."""
TransferSyntaxName = Annotated[str, AfterValidator(_known_syntax)]


@dataclass(frozen=True)
class SopClass:
    """One SOP class the device supports: its UID, the device's roles, transfer syntax UIDs."""

    uid: str
    roles: frozenset[Role]
    transfer_syntaxes: tuple[str, ...]


class Support(Model):
    """SOP classes with the same roles and transfer syntaxes."""

    class_: Annotated[tuple[SopClassUid, ...], OneOrMore] = Field(
        default=(),
        alias="class",
        description="Keyword, UID or short name (ct) of a SOP class, or a list.",
    )
    storage: Literal["all"] | None = Field(
        default=None, description="Every composite storage SOP class."
    )
    roles: Annotated[tuple[Role, ...], OneOrMore] = Field(
        min_length=1, description="The device's own roles: scu (it uses), scp (it provides), both."
    )
    transfer_syntaxes: Annotated[tuple[TransferSyntaxName, ...] | None, OneOrMore] = Field(
        default=None,
        description="Keywords or UIDs in order of preference, or uncompressed, lossless, lossy, "
        "video, all; default: those of the profile.",
    )

    @model_validator(mode="after")
    def _of_something(self) -> Support:
        if bool(self.class_) == bool(self.storage):
            raise wrong("name the SOP classes", "write either class: ... or storage: all")
        return self


class Timing(Model):
    """How slowly the device answers."""

    response: Duration = Field(default=0.0, description="Pause before each response.")
    association: Duration = Field(
        default=0.0, description="Pause before an association is answered."
    )


class Profile(Model):
    """A device profile."""

    name: Filled = Field(alias="profile", description="Name of the profile; the file's name too.")
    actor: ActorName = Field(description="The actor that the device plays.")
    title: Text = Field(default=Text(), description="The kind of device, as text or {en: , zh: }.")
    ae_title: AETitle = Field(description="AE title, unless the site gives another.")
    port: Port = Field(description="Port to listen on, unless the site gives another.")
    maker: str = Field(
        default="dicomtest", description="Manufacturer that the device says it is of."
    )
    model: str = Field(default="", description="Model name that the device says it is.")
    transfer_syntaxes: Annotated[tuple[TransferSyntaxName, ...], OneOrMore] = Field(
        default=("uncompressed",), description="For the SOP classes that do not name their own."
    )
    supports: tuple[Support, ...] = Field(
        alias="sop_classes", min_length=1, description="SOP classes and the device's roles in them."
    )
    services: tuple[str, ...] = Field(default=(), description="Kinds of steps it takes part in.")
    character_sets: tuple[str, ...] = Field(
        default=("",), description="Defined terms of Specific Character Set (PS3.3 C.12.1.1.2)."
    )
    max_pdu: int = Field(
        default=65536,
        ge=0,
        le=0xFFFFFFFF,
        description="Maximum length received in bytes; 0: no limit.",
    )
    timing: Timing = Field(default=Timing(), description="Delays.")
    printer: PrinterClaims | None = Field(
        default=None, description="What the device can do as a printer."
    )
    quirks: dict[str, Any] = Field(default={}, description="Legal peculiarities, by name.")
    faults: Faults | None = Field(
        default=None, description="What the device is to do wrong, always."
    )

    @cached_property
    def sop_classes(self) -> tuple[SopClass, ...]:
        """The claims, one for each SOP class; a later entry for the same class replaces it."""
        found: dict[str, SopClass] = {}
        for each in self.supports:
            syntaxes = names.transfer_syntax_uids(each.transfer_syntaxes or self.transfer_syntaxes)
            for uid in [*each.class_, *(names.storage_classes() if each.storage else ())]:
                found[uid] = SopClass(uid, frozenset(each.roles), syntaxes)
        return tuple(found.values())

    def in_role(self, role: Role) -> tuple[SopClass, ...]:
        """The SOP classes the device uses (scu) or provides (scp)."""
        return tuple(each for each in self.sop_classes if role in each.roles)


def profile_names() -> tuple[str, ...]:
    """Names of the shipped profiles."""
    return tuple(sorted(path.stem for path in simulators_dir().glob("*.yaml")))


def load_profile(name_or_path: str | Path) -> Profile:
    """Load a shipped profile by name, or one from a file.

    Raises SpecError with every problem of the file, UsageError when there is no such profile.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = simulators_dir() / f"{name_or_path}.yaml"
        if str(name_or_path) not in profile_names():
            what, fix = unknown("device profile", str(name_or_path), profile_names())
            raise UsageError(f"{what}\n  fix: {fix}")
    return _load(path)


@cache
def _load(path: Path) -> Profile:
    problems: list[Any] = []
    profile = validate(Profile, Place(read(path)), problems)
    if profile is None or problems:
        raise SpecError(problems)
    return profile
