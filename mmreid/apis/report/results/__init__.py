"""What a page of results shows, from files that ``mmreid test`` and others wrote.

``gathering.py`` is the way in, by what ``asked.py`` lists; ``models.py`` gathers what
one model does. ``reading.py`` ranks a features file once for all that is asked of it,
``answers.py`` judges the first answers, ``galleries.py`` brings those of several files
together, ``measuring.py`` has ``pairs.py`` count distances of all pairs and
``points.py`` measure a threshold, ``moved_pictures.py`` finds pictures elsewhere,
``looking.py`` draws what a model looks at.
"""

from mmreid.apis.report.results.asked import Asked
from mmreid.apis.report.results.gathering import gather_results
from mmreid.apis.report.results.looking import (
    KINDS,
    Network,
    find_queries,
    look_at_queries,
)
from mmreid.apis.report.results.points import Threshold

__all__ = [
    'KINDS',
    'Asked',
    'Network',
    'Threshold',
    'find_queries',
    'gather_results',
    'look_at_queries',
]
