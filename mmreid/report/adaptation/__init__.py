"""The page of an adaptation: clusters to look at, suspects, before and after.

``facts.py`` says all that the page shows, in plain numbers and texts; who computes them
is ``mmreid.apis.adaptation``. ``writing.py`` is the way in, ``charts.py`` draws, and
``assets/adaptation/`` shows.
"""

from mmreid.report.adaptation.facts import (
    AdaptationFacts,
    ClusterNumbers,
    Measured,
    ShownCluster,
    ShownPicture,
    SuspectList,
    SuspectPair,
)
from mmreid.report.adaptation.writing import write_adaptation

__all__ = [
    'AdaptationFacts',
    'ClusterNumbers',
    'Measured',
    'ShownCluster',
    'ShownPicture',
    'SuspectList',
    'SuspectPair',
    'write_adaptation',
]
