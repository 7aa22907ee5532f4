"""Identities and the truth: scores, and the threshold that fits.

``tables.py`` finds and reads true persons, ``scores.py`` compares with them,
``texts.py`` says it in words and as JSON, ``thresholds.py`` fits where tracklets are
one person.
"""
