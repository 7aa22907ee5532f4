"""Studies: many methods, several seeds each, and what their differences are worth.

``definition.py`` reads what a study consists of, ``running.py`` makes the runs that are
missing, ``records.py`` keeps what they gave in one file, ``cost.py`` says how long the
rest will take, ``findings.py`` compares the methods, and ``ordering.py`` asks whether
their order is that of the papers. ``writing`` makes tables and a page of it.
"""
