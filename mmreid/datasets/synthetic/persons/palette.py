"""The colours that people of SynthReID wear, as BGR."""

import numpy as np

Colour = tuple[int, int, int]


def _bgr(code: str) -> Colour:
    """Turn ``'rrggbb'`` into a BGR triple."""
    red, green, blue = bytes.fromhex(code)
    return blue, green, red


BLACK, WHITE = _bgr('1d1d20'), _bgr('e8e6e2')
SKIN = tuple(map(_bgr, ('f0cdb4', 'e0b090', 'c99472', '9a6a4a', '6a4632')))
LIPS = _bgr('a05a50')
RUBBER = _bgr('d8d6d0')

#: Upper clothes: dark and grey ones are listed twice, as people buy them.
UPPER = tuple(
    map(
        _bgr,
        (
            *('1d1d20', '1d1d20', '44464c', '44464c', '858890', 'e8e6e2', 'e8e6e2'),
            *('243058', '243058', '3560a8', '8fb4d6', '24787c', '386e42', '6c6e3c'),
            *('d8b440', 'd07030', 'b02c34', 'b02c34', '6c2034', 'd890a4', '664488'),
            *('c8b48c', '74543c'),
        ),
    )
)
LOWER = tuple(
    map(
        _bgr,
        (
            *('1c1c1f', '1c1c1f', '3a3c42', '262e48', '262e48', '4a6488', '4a6488'),
            *('8098b4', '7c7c80', 'a8946c', '5c4836', '585c40', 'dcdad4'),
        ),
    )
)
HAIR = tuple(
    map(_bgr, ('18130f', '18130f', '3a2618', '5c3c22', '84502c', 'c8a058', 'a8a4a0'))
)
#: Things meant to be told apart: shoes, bags, hats and prints.
ACCENT = tuple(
    map(
        _bgr,
        (
            *('18181a', 'f0eee8', 'c8242c', '2458c0', 'e8c030', '2c8c48', 'e07020'),
            *('8c5c34', 'd870a0', '6ab4d8', '70409c'),
        ),
    )
)


def tint(colour: Colour) -> np.ndarray:
    """Return a colour as numbers to calculate with, ``(3,)``."""
    return np.array(colour, np.float32)


def contrast(first: Colour, second: Colour) -> float:
    """Return the Euclidean distance of two colours, 0 to 441."""
    return float(np.linalg.norm(np.subtract(first, second)))


def pick(
    rng: np.random.Generator,
    colours: tuple[Colour, ...],
    unlike: tuple[Colour, ...] = (),
    least: float = 110.0,
) -> Colour:
    """Draw a colour that differs from others.

    Args:
        rng (np.random.Generator): Source of randomness.
        colours (tuple): Colours to draw from.
        unlike (tuple): Colours to keep away from.
        least (float): Least contrast to each of them. Where no colour reaches it,
            the one that comes nearest is taken.
    """
    chances = [min((contrast(c, u) for u in unlike), default=999.0) for c in colours]
    fitting = [c for c, chance in zip(colours, chances, strict=True) if chance >= least]
    if not fitting:
        return colours[int(np.argmax(chances))]
    return fitting[int(rng.integers(len(fitting)))]
