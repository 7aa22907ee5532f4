"""Numbers about one picture."""

from typing import NamedTuple

import cv2
import numpy as np

# Crops of persons are twice as high as wide; all are compared at this size.
_WIDTH, _HEIGHT = 64, 128
# And their colours at this one.
_COARSE = 4, 8
# Side of the picture that is transformed, and of its lowest frequencies.
_SIDE, _FREQUENCIES = 32, 8


class Measures(NamedTuple):
    """What a picture looks like.

    Attributes:
        width: In pixels.
        height: In pixels.
        sharpness: Variance of the Laplacian of its luminance at 64 x 128 pixels (Pech-
            Pacheco et al., ICPR 2000); small where it is blurred.
        brightness: Mean luminance, 0 to 255.
        colour: Mean difference of the largest and the smallest of a pixel's three
            channels, 0 to 255; 0 where all is grey.
        bits: 64 bits of a perceptual hash.
        colours: ``(96,)`` uint8, its colours at 4 x 8 pixels.
    """

    width: int
    height: int
    sharpness: float
    brightness: float
    colour: float
    bits: int
    colours: np.ndarray


def measure_picture(picture: np.ndarray) -> Measures:
    """Measure a picture.

    Args:
        picture (np.ndarray): ``(H, W, 3)`` uint8, blue-green-red.
    """
    size = (_WIDTH, _HEIGHT)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    luminance = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    channels = small.max(axis=2).astype(np.float64) - small.min(axis=2)
    return Measures(
        width=picture.shape[1],
        height=picture.shape[0],
        sharpness=float(cv2.Laplacian(luminance, cv2.CV_64F).var()),
        brightness=float(luminance.mean()),
        colour=float(channels.mean()),
        bits=hash_picture(picture),
        colours=cv2.resize(small, _COARSE, interpolation=cv2.INTER_AREA).ravel(),
    )


def hash_picture(picture: np.ndarray) -> int:
    """Hash what a picture shows, coarsely: nearly the same for nearly the same picture.

    The signs of the 8 x 8 lowest frequencies of its luminance at 32 x 32 pixels, above
    or below their median (pHash: Zauner, Implementation and Benchmarking of
    Perceptual Image Hash Functions, 2010, section 3.2.1).

    Args:
        picture (np.ndarray): ``(H, W, 3)`` uint8, blue-green-red.

    Returns:
        int: 64 bits, the first of them the highest.
    """
    luminance = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(luminance, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small.astype(np.float32))[:_FREQUENCIES, :_FREQUENCIES].ravel()
    # The first is the mean luminance and would move the median.
    above = waves > np.median(waves[1:])
    return int.from_bytes(np.packbits(above).tobytes(), 'big')
