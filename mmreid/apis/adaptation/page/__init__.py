"""What the page of an adaptation shows, chosen among all pictures.

``showing.py`` counts and chooses clusters and their pictures, ``suspects.py`` finds
what may be wrong with clusters, and ``suspect_lists.py`` makes lists of that. How it
looks is the matter of :mod:`mmreid.report.adaptation`.
"""
