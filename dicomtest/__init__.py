"""Acceptance tests for DICOM systems."""

__version__ = "0.1.0"
