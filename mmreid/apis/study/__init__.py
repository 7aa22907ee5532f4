"""Studies: many methods, several seeds each, and what their differences are worth.

``definition.py`` reads what a study consists of, ``planning.py`` says which runs these
are and which are missing, ``cost.py`` how long they will take, and ``running.py`` makes
them on a machine that ``machine.py`` describes. ``records.py`` keeps in one file what
they gave, of each a ``run_record.py``. ``findings.py`` compares the methods, and
``ordering.py`` asks whether their order is that of the papers, whose numbers
``published.py`` reads. ``writing`` makes tables and a page of it.
"""
