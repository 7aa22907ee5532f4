"""A data set of a few small pictures that a small network can learn from."""

from pathlib import Path

import cv2
import numpy as np


def make_market(root: Path, persons: int, rng: np.random.Generator) -> None:
    """A data set in the layout of Market-1501: a colour for a person, two cameras."""
    for folder in ('bounding_box_train', 'query', 'bounding_box_test'):
        (root / folder).mkdir(parents=True)
    for person in range(1, 2 * persons + 1):
        colour = rng.integers(40, 216, 3)
        for camera in (1, 2):
            for frame in (1, 2):
                folder = 'bounding_box_train'
                if person > persons:
                    folder = 'query' if frame == 1 else 'bounding_box_test'
                picture = np.clip(colour + rng.normal(0, 30, (64, 32, 3)), 0, 255)
                name = f'{person:04}_c{camera}s1_{frame:06}_00.jpg'
                cv2.imwrite(
                    str(root / folder / name), np.rint(picture).astype(np.uint8)
                )
