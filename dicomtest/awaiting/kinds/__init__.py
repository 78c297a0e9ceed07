"""What is awaited, one module for each kind of step (or a few that belong together)."""
