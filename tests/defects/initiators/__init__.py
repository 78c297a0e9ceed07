"""Senders made with plain pynetdicom and pydicom, sound and broken, and what is said of them."""
