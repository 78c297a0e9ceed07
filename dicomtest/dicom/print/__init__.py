"""Print Management without a network: classes, layouts, densities, films as pictures (PS3.4 H)."""
