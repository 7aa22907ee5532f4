"""What a page shows of labels that may be wrong.

Pictures are told as in :mod:`mmreid.report.data_set.facts`, of which this is a part.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Suspect:
    """A picture that seems to show somebody else than its label says.

    Attributes:
        picture: Its index.
        suggestion: The person that it seems to show, a number.
        score: From 0 to 1: the larger, the more suspicious.
        own: Indices of pictures of the person of its label, the nearest first.
        others: Indices of pictures of the suggested person, the nearest first.
        own_cosines: Cosine similarity of each of ``own``.
        other_cosines: Cosine similarity of each of ``others``.
        suggested: Whether it is among the pictures that the method says are wrong;
            those after them are only ranked.
    """

    picture: int
    suggestion: str
    score: float
    own: tuple[int, ...]
    others: tuple[int, ...]
    own_cosines: tuple[float, ...]
    other_cosines: tuple[float, ...]
    suggested: bool = True


@dataclass(frozen=True)
class WrongLabels:
    """How many labels may be wrong, and the suspects, of pictures compared together.

    Training and test pictures are compared apart.

    Attributes:
        parts: The parts whose pictures are compared, such as ``('query', 'gallery')``.
        compared: How many pictures were compared: those of persons with a second one.
        estimate: How many of them have a wrong label, estimated, if mistakes are of
            single pictures.
        low: Where the interval of the estimate begins.
        high: Where it ends.
        confidence: Level of the intervals, such as 0.95.
        found: How many pictures are suggested.
        suspects: The most suspicious first.
        warnings: Sentences about why it may mislead, such as that the model was
            trained on these very labels.
        sequences_estimate: How many labels are wrong if whole sequences (pictures of
            one person by one camera) may be mistaken, too; NaN where cameras are
            unknown. It is larger, for it counts more look-alikes.
        sequences_low: Where the interval of that begins.
        sequences_high: Where it ends.
    """

    parts: tuple[str, ...]
    compared: int
    estimate: float
    low: float
    high: float
    confidence: float
    found: int
    suspects: tuple[Suspect, ...]
    warnings: tuple[str, ...] = ()
    sequences_estimate: float = np.nan
    sequences_low: float = np.nan
    sequences_high: float = np.nan
