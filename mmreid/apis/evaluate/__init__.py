"""Scores of features and of results in files, and what else can be said of them.

``analyses.py`` is the way in for one features file: what is asked for, in which order
it is computed and laid out. ``comparing/`` is the room for several results, which
``result_files.py`` reads. A new analysis is one file that computes and lays out, as
``intervals.py`` does for bootstrap intervals, and a line each in ``analyses.py``.
"""
