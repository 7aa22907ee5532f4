"""Who answers a query, at which rank, and what that is worth.

``relevance.py`` says which gallery images are right, wrong or ignored, ``scores.py``
what their ranks are worth; each further file is one way to rank. A new protocol is a
rule in ``relevance.py`` and a name in ``evaluation/rules.py``.
"""
