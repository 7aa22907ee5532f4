"""What an adaptation will do, and what it costs, said before it does it."""

import math
from dataclasses import dataclass

from mmreid.apis.adaptation.options import AdaptOptions

#: Where nothing else is asked for.
PERSONS, FEW_INSTANCES, MANY_INSTANCES = 16, 4, 16
#: From so many pictures on a cluster is likely to have many.
_MANY = 5000
_FEWEST_BATCHES, _MOST_BATCHES = 20, 400
# A training step computes forward, backward twice that, and reads with augmentation.
_STEP = 3.5


@dataclass(frozen=True)
class Plan:
    """The numbers of a training.

    Attributes:
        pictures: How many there are.
        epochs: Clusterings with a training after each.
        batches: After each clustering.
        persons: Clusters in a batch.
        instances: Pictures of each.
    """

    pictures: int
    epochs: int
    batches: int
    persons: int
    instances: int

    @property
    def batch(self) -> int:
        """Pictures in a batch."""
        return self.persons * self.instances

    def describe(self) -> str:
        """Say it in a sentence."""
        return (
            f'{self.epochs} epochs: each embeds and clusters {self.pictures:,} '
            f'pictures and trains on {self.batches} batches of {self.persons} clusters '
            f'x {self.instances} pictures; in all {self.embedded:,} pictures are '
            f'embedded and {self.trained:,} trained on'
        )

    @property
    def embedded(self) -> int:
        """Pictures that are embedded in all, for the page too."""
        return (self.epochs + 1) * self.pictures

    @property
    def trained(self) -> int:
        """Pictures that are trained on in all."""
        return self.epochs * self.batches * self.batch

    def estimate(self, seconds: float) -> str:
        """Say how long it takes, empty where nothing was measured.

        Args:
            seconds (float): To embed a picture here.
        """
        if math.isnan(seconds):
            return ''
        total = seconds * (self.embedded + _STEP * self.trained)
        unit, word = next(
            (u, w)
            for u, w in ((3600, 'hours'), (60, 'minutes'), (1, 'seconds'))
            if total >= 2 * u or u == 1
        )
        return (
            f'embedding took {1000 * seconds:.1f} ms a picture here, by which the '
            f'training takes about {math.ceil(total / unit)} {word}'
        )


def make_plan(pictures: int, options: AdaptOptions) -> Plan:
    """Choose the numbers that nobody has chosen.

    Args:
        pictures (int): How many there are.
        options (AdaptOptions): What was chosen.

    Returns:
        Plan: All numbers.

    Raises:
        ValueError: A batch would have more pictures than there are.
    """
    few = pictures < _MANY
    instances = options.instances or (FEW_INSTANCES if few else MANY_INSTANCES)
    fitting = max(2, min(PERSONS, pictures // instances))
    persons = options.persons or fitting
    if persons * instances > pictures:
        raise ValueError(
            f'A batch of {persons} clusters with {instances} pictures each has more '
            f'pictures than there are, {pictures}; give smaller numbers (--persons, '
            '--instances), or more pictures. The model from before stays as it is.'
        )
    once = math.ceil(pictures / (persons * instances))
    batches = options.batches or min(max(once, _FEWEST_BATCHES), _MOST_BATCHES)
    return Plan(pictures, options.epochs, batches, persons, instances)
