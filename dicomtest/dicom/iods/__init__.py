"""What PS3.3 asks of a composite object, and whether an object has it; no network."""
