"""One row of a paper's figure: a map becomes embeddings, each with its losses.

``branch.py`` is the way in: it adds a classifier and losses to the vectors of
``vectors.py``. What it is made of comes from the registry; it imports no pool, layer or
loss.
"""

from mmreid.models.heads.branches.branch import Branch
from mmreid.models.heads.branches.vectors import BranchVectors

__all__ = ['Branch', 'BranchVectors']
