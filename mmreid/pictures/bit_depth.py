"""Eight of the bits of pictures that have sixteen."""

import numpy as np

# A picture none of whose values comes near the range of one of these depths, less than
# a sixteenth of it, has the one before.
_USUAL = (8, 12, 16)


def bits_used(img: np.ndarray) -> int:
    """Return how many bits the largest value of a picture needs.

    Args:
        img (np.ndarray): Integers, of any shape.
    """
    return int(img.max(initial=0)).bit_length()


def to_eight_bits(img: np.ndarray, depth: int | None = None) -> np.ndarray:
    """Return the upper eight bits of a picture.

    Thermal and depth cameras write values of 10, 12 or 14 bits into files of 16. Their
    upper eight bits of 16 would be black.

    Args:
        img (np.ndarray): uint8, returned as it is, or uint16.
        depth (int, optional): How many bits count. Defaults to None: the least of 8, 12
            and 16 that hold all values of this picture.

    Returns:
        np.ndarray: uint8 of the same shape.

    Raises:
        ValueError: The picture has another type, or a value of more bits.
    """
    if img.dtype == np.uint8:
        return img
    if img.dtype != np.uint16:
        raise ValueError(
            f'A picture must have 8 or 16 bits a channel, but this one is {img.dtype}; '
            'convert the file.'
        )
    used = bits_used(img)
    if depth is None:
        depth = next(usual for usual in _USUAL if used <= usual)
    if used > depth:
        raise ValueError(
            f'depth={depth} allows values below {2**depth}, but this one has '
            f'{img.max()}; set the number of bits that the camera writes.'
        )
    return (img >> (depth - 8)).astype(np.uint8)
