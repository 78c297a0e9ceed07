"""DICOM knowledge with no network: matching, character sets, UIDs, synthetic objects."""
