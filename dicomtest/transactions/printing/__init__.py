"""The print client and what it prints; kept out of the discovery of transactions (heavy imports)."""
