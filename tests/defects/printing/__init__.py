"""Printers and print clients that owe nothing to dicomtest, their defects and legal quirks."""
