"""What a store step may say: which objects to make, and how to send them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dicomtest.spec.steps import StepParameters

Kind = Literal[
    "ct", "cr", "dx", "mr", "us", "us-multiframe", "sc", "mg", "nm", "pet", "xa", "rf",
    "enhanced-ct", "enhanced-mr", "gsps", "ko", "basic-text-sr", "enhanced-sr",
    "comprehensive-sr", "dose-sr", "pdf",
]  # fmt: skip
Syntax = Literal["implicit", "explicit", "rle", "jpeg-lossless", "jpeg-ls", "jpeg-2000"]
Script = Literal[
    "latin", "latin1", "chinese-gb18030", "chinese-utf8", "chinese-gb2312", "japanese",
    "japanese-kana", "korean", "cyrillic", "greek", "arabic",
]  # fmt: skip
StoreFault = Literal["abort", "close", "wrong-class", "wrong-instance"]


class StoreParameters(StepParameters):
    """C-STORE of a synthetic study from one actor to another."""

    study: tuple[Kind, ...] | Kind = Field("ct", description="what to make: ct, mr, gsps, ...")
    images: int = Field(1, ge=1, le=5000, description="images of each image kind")
    series: int = Field(1, ge=1, le=100, description="series over which they are spread")
    rows: int | None = Field(None, ge=8, le=8192, description="rows of each image")
    columns: int | None = Field(None, ge=8, le=8192, description="columns of each image")
    frames: int | None = Field(None, ge=1, le=2000, description="frames of multi-frame images")
    patient: Script = Field("latin", description="script of the patient's name")
    same_patient: str = Field("", description="name of a saved study whose patient it is")
    studies: int = Field(1, ge=1, le=20, description="studies of that patient, each like this")
    unscheduled: bool = Field(False, description="an examination without Accession Number")
    transfer_syntax: Syntax | Literal["any"] = Field(
        "any", description="transfer syntax; any: what the system accepts, uncompressed"
    )
    parallel: int = Field(1, ge=1, le=20, description="associations at the same time")
    one_each: bool = Field(False, description="one association for each instance")
    again: str = Field("", description="send this saved study once more instead of a new one")
    fault: StoreFault | None = Field(None, description="what to do wrong on purpose")
    optional: bool = Field(False, description="a system may well not accept these SOP classes")
    max_pdu: int | None = Field(None, ge=0, description="Maximum Length Received to announce")
    about: str = Field(
        "", description="name of the saved study that these objects belong to and refer to"
    )
    order: str = Field("", description="name of the saved order it belongs to")
    scheduled_step: int = Field(1, ge=1, description="which scheduled step of the order it is")
    save: str = Field("", description="name by which later steps refer to this study")

    def defines(self) -> list[str]:
        """The name it saves."""
        return [self.save] if self.save else []

    def uses(self) -> list[str]:
        """The names it needs."""
        names = (self.again, self.same_patient, self.about, self.order)
        return [each for each in names if each]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds, as a tuple."""
        return (self.study,) if isinstance(self.study, str) else self.study


def describe(parameters: StoreParameters) -> str:
    """The step in words."""
    what = (
        f"{parameters.again} once more"
        if parameters.again
        else f"{parameters.images} {', '.join(parameters.kinds)}"
    )
    extra = f" with fault {parameters.fault}" if parameters.fault else ""
    return f"store {what}, {parameters.from_} to {parameters.to}{extra}"
