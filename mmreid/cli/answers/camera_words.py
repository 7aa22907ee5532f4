"""Cameras as a command line names them."""

from argparse import ArgumentTypeError
from pathlib import Path


def camera_words(word: str) -> tuple[str, str, str, float]:
    """Read ``NAME=VIDEO:TABLE[@START]``.

    Args:
        word (str): The camera.

    Returns:
        tuple[str, str, str, float]: Its name, video, table, and start.

    Raises:
        ArgumentTypeError: It is not of this form, or video and table are not there.
    """
    name, _, rest = word.partition('=')
    if not name or ':' not in rest:
        raise ArgumentTypeError(f'{word} must be NAME=VIDEO:TABLE or ...@START')
    before, at, start = rest.rpartition('@')
    # An @ may be in a path too, and so may a colon.
    for text, seconds in [(rest, '0'), *([(before, start)] if at else [])]:
        for video, table in _divisions(text):
            if _exists(video) and _exists(table):
                return name, video, table, _seconds(word, seconds)
    if at and ':' in before and '/' not in start:
        _seconds(word, start)
        rest = before
    parts = _divisions(rest)
    # The last colon divides, unless a video ends at another.
    video, table = next((two for two in parts if _exists(two[0])), parts[-1])
    missing = table if _exists(video) else video
    raise ArgumentTypeError(f'camera {name!r}: there is no {missing!r}')


def _divisions(text: str) -> list[tuple[str, str]]:
    """Return what is before and behind each colon."""
    places = [place for place, sign in enumerate(text) if sign == ':']
    return [(text[:place], text[place + 1 :]) for place in places]


def _exists(path: str) -> bool:
    return bool(path) and Path(path).expanduser().exists()


def _seconds(word: str, start: str) -> float:
    try:
        return float(start)
    except ValueError:
        raise ArgumentTypeError(
            f'{word}: {start!r} behind @ must be the second at which the camera '
            'starts, as in @12.5'
        ) from None


def apart_words(word: str) -> tuple[tuple[str, str], float]:
    """Read ``NAME,NAME=SECONDS``.

    Args:
        word (str): Two cameras, and the time between them.

    Returns:
        tuple[tuple[str, str], float]: The same.

    Raises:
        ArgumentTypeError: It is not of this form.
    """
    names, _, seconds = word.rpartition('=')
    one, _, other = names.partition(',')
    try:
        return (one.strip(), other.strip()), float(seconds)
    except ValueError:
        raise ArgumentTypeError(f'{word} must be NAME,NAME=SECONDS') from None
