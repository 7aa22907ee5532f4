"""Results side by side: who differs from whom, by how much, and whether it is chance.

``comparison.py`` is the way in: it brings runs into one order (``aligned_queries.py``)
and holds every method against the first (``differences.py``: over runs and persons
where both were trained several times); ``disagreements.py`` finds what the stamps of
results do not agree in. ``corrections.py`` corrects the p values of all comparisons
that are shown together. ``comparison_text.py`` lays tables out and writes JSON,
``comparison_notes.py`` says what stands in them. A new statistic belongs into
``mmreid.evaluation.functional.uncertainty``; here is only who is asked for it.
"""
