"""`python -m dicomtest` is `dicomtest`."""

from __future__ import annotations

import sys

from dicomtest.cli import main

sys.exit(main())
