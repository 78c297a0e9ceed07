"""The print client and what it prints; a package, so that discovery does not import it."""
