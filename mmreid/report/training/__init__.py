"""The page of trainings: their curves, and what configs reach that were run repeatedly.

``facts.py`` says all that the page shows; ``mmreid.apis.report.training`` reads it.
``writing.py`` is the way in, ``charts.py`` draws.
"""

from mmreid.report.training.facts import (
    Repeated,
    RepeatedRun,
    TrainingFacts,
    TrainingRun,
)
from mmreid.report.training.writing import write_training

__all__ = [
    'Repeated',
    'RepeatedRun',
    'TrainingFacts',
    'TrainingRun',
    'write_training',
]
