"""What identities of followed persons are worth, from boxes, numbers and vectors.

``box_matches.py`` finds which boxes show which, ``identity_scores.py`` has IDF1 and its
parts, ``grouping_scores.py`` judges tracklets that were joined, ``reassociation.py``
asks whether a person is found again later.
"""

from mmreid.evaluation.functional.following.box_matches import (
    match_boxes,
    overlapping_boxes,
)
from mmreid.evaluation.functional.following.grouping_scores import (
    GroupingScores,
    grouping_scores,
)
from mmreid.evaluation.functional.following.identity_scores import (
    IdentityScores,
    identity_scores,
)
from mmreid.evaluation.functional.following.reassociation import (
    Reassociation,
    reassociate,
)

__all__ = [
    'GroupingScores',
    'IdentityScores',
    'Reassociation',
    'grouping_scores',
    'identity_scores',
    'match_boxes',
    'overlapping_boxes',
    'reassociate',
]
