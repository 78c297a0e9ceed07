"""From the record of a run to what people and machines read: HTML, JUnit, a closing summary.

Everything here is a pure function of the record (`run.json`, format 1). Nothing opens a socket,
nothing judges: the verdicts were given when the record was written.
"""
