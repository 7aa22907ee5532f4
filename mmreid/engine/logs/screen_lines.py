"""Steps, validations and tests in words for the screen."""

from collections.abc import Mapping
from datetime import timedelta
from numbers import Integral, Real
from typing import Any, Self

# Of the values of a validation, those that are no result of it.
_NO_SCORES = {'time', 'data_time', 'iter', 'epoch', 'step', 'memory'}


class ScreenLine(str):
    """A line of the log that the screen shows in other words.

    It is the line itself for whatever takes a string, so that the log file has it as
    ever.

    Attributes:
        screen (str): What the screen shows.
    """

    __slots__ = ('screen',)
    screen: str

    def __new__(cls, text: str, screen: str) -> Self:
        """Make the line.

        Args:
            text (str): What the file has.
            screen (str): What the screen shows.

        Returns:
            ScreenLine: The text.
        """
        line = super().__new__(cls, text)
        line.screen = screen
        return line


def count(done: int, total: int) -> str:
    """Write ``' 9/120'``, as wide as the last one will be.

    Args:
        done (int): From 1 on.
        total (int): Of all.

    Returns:
        str: Both numbers.
    """
    return f'{done:>{len(str(total))}}/{total}'


def describe_step(
    place: str, values: Mapping[str, Any], prefix: str, eta: float | None
) -> str:
    """Word a step of training.

    Args:
        place (str): Epoch and step.
        values (Mapping[str, Any]): What is logged of it.
        prefix (str): Before the names of the values.
        eta (float | None): Seconds to the end of the training, if known.

    Returns:
        str: Place, loss, learning rate (lowest and highest of the parameter groups),
        images per second and time left, as far as they are known.
    """
    items = [place]
    loss = values.get(f'{prefix}loss')
    if loss is not None:
        items.append(f'loss {loss:.3f}')
    rates = [value for name, value in values.items() if name.endswith('lr')]
    if rates:
        ends = dict.fromkeys(f'{rate:.2e}' for rate in (min(rates), max(rates)))
        items.append(f'lr {" to ".join(ends)}')
    if (speed := values.get(f'{prefix}images_per_second')) is not None:
        items.append(f'{speed:.1f} images/s')
    return '  '.join([*items, *_left(eta)])


def describe_batch(place: str, eta: float | None) -> str:
    """Word a batch of a validation or a test.

    Args:
        place (str): Which one.
        eta (float | None): Seconds to the end of it, if known.

    Returns:
        str: Place and time left.
    """
    return '  '.join([place, *_left(eta)])


def _left(eta: float | None) -> list[str]:
    return [] if eta is None else [f'eta {timedelta(seconds=int(eta))}']


def describe_scores(place: str, values: Mapping[str, Any], sets: list[str]) -> str:
    """Word the results of a validation or a test.

    Args:
        place (str): What was evaluated, such as ``'epoch 3 validated'``.
        values (Mapping[str, Any]): The results, among other values.
        sets (list[str]): Names of the data sets, where there are several: their
            results begin with ``'<set>/'``.

    Returns:
        str: One line; with several data sets one more for each.
    """
    scores = {
        name: value
        for name, value in values.items()
        if isinstance(value, Real) and name.split('/')[-1] not in _NO_SCORES
    }
    lines = []
    for name in sets:
        own = [key for key in scores if key.startswith(f'{name}/')]
        items = [_score(key.removeprefix(f'{name}/'), scores.pop(key)) for key in own]
        if items:
            lines.append('  '.join([f'    {name:<{max(map(len, sets))}}', *items]))
    first = '  '.join(_score(key, value) for key, value in scores.items())
    return '\n'.join([f'{place}: {first}'.rstrip(), *lines])


def _score(name: str, value: Real) -> str:
    name = name.removeprefix('val/').removeprefix('test/').removeprefix('reid/')
    return f'{name} {value}' if isinstance(value, Integral) else f'{name} {value:.2f}'
