"""Looking before leaping: can the systems of a site be reached, and do they know us?

Every look yields remarks, in the order in which they are made. Nothing is stored in a system,
unless `keep_object` is asked for.
"""

from dicomtest.preflight.remarks import FAIL, INFO, OK, WARN, Remark

__all__ = ["FAIL", "INFO", "OK", "WARN", "Remark"]
