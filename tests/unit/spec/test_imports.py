"""The models can be imported without paying for DICOM."""

from __future__ import annotations

import subprocess
import sys

MODULES = ("yaml", "validate", "steps", "scenario", "site", "profile", "schema", "names")
HEAVY = {"pynetdicom", "pydicom", "hypothesis", "numpy"}


def test_importing_the_models_imports_nothing_of_dicom():
    names = ", ".join(f"dicomtest.spec.{each}" for each in MODULES)
    code = f"import sys, {names}; print(*sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60
    )

    assert not HEAVY & set(ran.stdout.split())
