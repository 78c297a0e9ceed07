"""Tests against independent DICOM systems."""
