"""Tests; packages, so that files of one name in several folders stay apart."""
