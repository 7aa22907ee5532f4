"""Independent random streams, one for each thing that is drawn."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a random stream is for: the first word of its key."""

    PLAN = 0
    FAMILY = 1
    STRANGER = 2
    SCENE = 3
    VISIT = 4
    SHOT = 5
    VIDEO = 6


def generator(seed: int, stream: Stream, *key: int) -> np.random.Generator:
    """Return the generator of one stream.

    The stream depends on its key only, never on what was drawn before, so that
    pictures can be drawn in any order and by any number of processes.

    Args:
        seed (int): Seed of the data set.
        stream (Stream): What the numbers are for.
        *key (int): Which one of its kind, non-negative.
    """
    words = np.random.SeedSequence(entropy=seed, spawn_key=(int(stream), *key))
    return np.random.Generator(np.random.PCG64(words))
