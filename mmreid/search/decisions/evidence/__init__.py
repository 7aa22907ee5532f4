"""What thresholds are fitted on: pairs and searches whose answers are known.

``labelled_pairs.py`` measures pairs that somebody has labelled, ``pair_table.py`` reads
tables of them; ``test_set_pairs.py`` has all pairs and searches of a test set, and
``gallery_set.py`` makes a test set of a gallery. The way in is ``LabelledPairs``.
"""

from mmreid.search.decisions.evidence.labelled_pairs import LabelledPairs, Trials

__all__ = ['LabelledPairs', 'Trials']
