"""Systems under test that owe nothing to dicomtest: a sound archive, its defects and quirks."""

from .archive_scp import ArchiveSCP
from .defects import DEFECTS
from .deviation import Defect, Deviation, Quirk
from .quirks import QUIRKS
from .settings import Settings

__all__ = ["DEFECTS", "QUIRKS", "ArchiveSCP", "Defect", "Deviation", "Quirk", "Settings"]
