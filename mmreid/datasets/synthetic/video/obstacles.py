"""Things that stand in a camera's view and hide whoever walks behind them."""

import numpy as np

from mmreid.datasets.synthetic.places.props import any_tint
from mmreid.datasets.synthetic.places.scene import COLUMNS, ROWS
from mmreid.datasets.synthetic.seeding import Stream, generator
from mmreid.datasets.synthetic.video.cutout import Cutout
from mmreid.datasets.synthetic.video.walk import pixels_of_metre


def place_obstacles(
    seed: int, camera: int, horizon: int, scale: float
) -> tuple[Cutout, ...]:
    """Place a pole and a box in a view, always the same ones.

    Args:
        seed (int): Seed of the scene.
        camera (int): Number of the camera, from 1.
        horizon (int): Row in which the scene's ground ends.
        scale (float): Pixels of the frame for one of the scene.
    """
    rng = generator(seed, Stream.VIDEO, 2, camera)
    column = rng.uniform(0.15, 0.85)
    aside = (column + rng.uniform(0.3, 0.7)) % 1
    pole = (0.16, 3.6, rng.uniform(70, 190) * np.ones(3))
    box = (rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.0), np.array(any_tint(rng)))
    things = []
    for place, (width, height, colour) in zip(
        (column, aside), (pole, box), strict=True
    ):
        row = rng.uniform(0.78, 0.9) * ROWS
        zoom = scale * pixels_of_metre(row, horizon)
        columns, rows = max(round(width * zoom), 1), round(height * zoom)
        # Round as a pillar is: dark at its sides.
        shade = 0.55 + 0.45 * np.sin(np.linspace(0.3, 2.9, columns))
        pixels = np.full((rows, columns, 4), 255, np.uint8)
        pixels[..., :3] = np.clip(shade[None, :, None] * colour, 0, 255)
        left, top = round(place * COLUMNS * scale), round(row * scale) - rows
        things.append(Cutout(pixels, left - columns // 2, top, row * scale))
    return tuple(things)
