"""The six cameras: where each looks from, and what its sensor does to a picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from mmreid.datasets.synthetic.figure.painting import Light


@dataclass(frozen=True)
class Camera:
    """A camera of SynthReID.

    Args:
        index (int): Number, from 1.
        scene (str): A key of ``SCENES``.
        elevation (float): Degrees by which it looks down.
        distance (float): Metres to the people.
        headings (tuple): Walking directions seen here in degrees (0 is towards the
            camera, 90 to the right), the commonest first.
        light (Light): Light of its place.
        gains (tuple): White balance: factors of blue, green and red.
        gamma (float): Exponent of the tone curve; above 1 is darker.
        saturation (float): 1 keeps the colours, 0 is grey.
        haze (float): Grey veil over the picture, 0 to 1.
        blur (float): Width of the lens' blur in pixels of the final picture.
        noise (float): Standard deviation of the sensor's noise in grey levels.
        resolution (float): Fraction of the rows that the sensor really has.
    """

    index: int
    scene: str
    elevation: float
    distance: float
    headings: tuple[float, ...]
    light: Light
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    saturation: float = 1.0
    haze: float = 0.0
    blur: float = 0.35
    noise: float = 3.0
    resolution: float = 1.0


CAMERAS = (
    Camera(
        index=1,
        scene='plaza',
        elevation=10,
        distance=9,
        headings=(25, 205, 300),
        light=Light((0.6, 0.8, 0.5), 0.60),
        gains=(0.96, 0.99, 1.04),
        gamma=0.97,
        noise=2.5,
    ),
    Camera(
        index=2,
        scene='lawn',
        elevation=16,
        distance=8,
        headings=(180, 150, 0),
        light=Light((-0.7, 0.7, 0.2), 0.55),
        gains=(0.97, 1.03, 0.98),
        gamma=1.03,
        saturation=1.08,
        blur=0.5,
    ),
    Camera(
        index=3,
        scene='entrance',
        elevation=20,
        distance=6,
        headings=(270, 90, 320),
        light=Light((0.1, 1.0, 0.3), 0.72),
        gains=(1.06, 1.01, 0.96),
        gamma=1.05,
        saturation=0.95,
        blur=0.45,
        noise=4.5,
        resolution=0.85,
    ),
    Camera(
        index=4,
        scene='road',
        elevation=13,
        distance=12,
        headings=(90, 250, 60),
        light=Light((-0.5, 0.8, -0.2), 0.62),
        gains=(1.02, 1.0, 0.98),
        gamma=0.95,
        saturation=0.93,
        haze=0.05,
        blur=0.45,
        resolution=0.78,
    ),
    Camera(
        index=5,
        scene='underpass',
        elevation=24,
        distance=6,
        headings=(0, 180, 340),
        light=Light((0.0, 1.0, 0.3), 0.60),
        gains=(0.94, 1.0, 1.05),
        gamma=1.06,
        saturation=0.95,
        noise=5.0,
        resolution=0.85,
    ),
    Camera(
        index=6,
        scene='brick',
        elevation=7,
        distance=10,
        headings=(310, 130, 180),
        light=Light((0.7, 0.4, 0.6), 0.66),
        gains=(1.03, 0.98, 0.99),
        gamma=1.0,
        saturation=0.92,
        haze=0.03,
        blur=0.55,
        noise=3.5,
        resolution=0.68,
    ),
)


@dataclass(frozen=True)
class Exposure:
    """How one passage past a camera is exposed: clouds, lamps, automatic gain.

    Args:
        level (float): Factor of the brightness.
        tint (tuple): Further factors of blue, green and red.
    """

    level: float
    tint: tuple[float, float, float]


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """Draw an exposure."""
    blue, green, red = np.exp(rng.normal(0, 0.03, 3))
    level = float(np.exp(rng.normal(0, 0.10)))
    return Exposure(level, (float(blue), float(green), float(red)))


def develop(
    picture: np.ndarray, camera: Camera, exposure: Exposure, rng: np.random.Generator
) -> np.ndarray:
    """Apply a camera's lens, sensor and processing.

    Args:
        picture (np.ndarray): BGR in the final size, uint8.
        camera (Camera): The camera.
        exposure (Exposure): Exposure of the passage.
        rng (np.random.Generator): Source of the noise.

    Returns:
        np.ndarray: The recorded picture, uint8, of the same size.
    """
    rows, columns = picture.shape[:2]
    if camera.resolution < 1:
        size = (round(columns * camera.resolution), round(rows * camera.resolution))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)
    blur = camera.blur * float(rng.uniform(0.8, 1.3))
    value = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), blur) / 255
    value *= np.float32(np.multiply(camera.gains, exposure.tint) * exposure.level)
    value = np.maximum(value, 1e-4) ** np.float32(camera.gamma)
    grey = value.mean(axis=2, keepdims=True)
    value = grey + np.float32(camera.saturation) * (value - grey)
    value = 255 * ((1 - camera.haze) * value + 0.62 * camera.haze)
    value += camera.noise * rng.standard_normal(value.shape, dtype=np.float32)
    return np.clip(value, 0, 255).astype(np.uint8)
