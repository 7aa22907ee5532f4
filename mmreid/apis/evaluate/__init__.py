"""Scores of features and of results in files, and what else can be said of them.

``analyses.py`` is the way in for one features file, ``comparison.py`` for several
results. An analysis is one file that computes and lays out.
"""
