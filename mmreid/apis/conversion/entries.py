"""What converters share: taking entries by name, and saying what is missing."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

BATCH_NORM = ('weight', 'bias', 'running_mean', 'running_var')
_COUNT = 'num_batches_tracked'
_SHOWN = 5


class UnknownLayoutError(ValueError):
    """The weights do not have the names that this program gives them."""


class Conversion(NamedTuple):
    """Renamed weights, and the network that they belong to.

    Attributes:
        weights (dict[str, Tensor]): By our names.
        config (str): The config, below ``configs/``.
        options (tuple[str, ...]): What ``--cfg-options`` changes of it.
        trunk (bool): Only a trunk to train from, named as the backbone names it.
        left_out (tuple[str, ...]): Entries of the file that nothing here needs.
    """

    weights: dict[str, Tensor]
    config: str
    options: tuple[str, ...] = ()
    trunk: bool = False
    left_out: tuple[str, ...] = ()


class Entries:
    """Entries of a file, each to be taken once.

    Args:
        tensors (Mapping[str, Tensor]): By their names in the file.
        program (str): Whose layout it should be, for the messages.
    """

    def __init__(self, tensors: Mapping[str, Tensor], program: str) -> None:
        self.tensors = dict(tensors)
        self.program = program

    def take(self, name: str) -> Tensor:
        """Take an entry.

        Raises:
            UnknownLayoutError: There is none of this name.
        """
        if name not in self.tensors:
            raise UnknownLayoutError(
                f'This is not the layout of {self.program}: there is no {name}. The '
                f'file begins with {first_names([*self.tensors])}.'
            )
        return self.tensors.pop(name)

    def take_group(self, prefix: str) -> dict[str, Tensor]:
        """Take all entries that begin alike, and return them without the beginning."""
        names = [name for name in self.tensors if name.startswith(prefix)]
        return {name.removeprefix(prefix): self.tensors.pop(name) for name in names}

    def take_batch_norm(self, prefix: str) -> dict[str, Tensor]:
        """Take a batch norm; its count of batches did not exist before torch 0.4.1."""
        taken = {name: self.take(f'{prefix}{name}') for name in BATCH_NORM}
        if f'{prefix}{_COUNT}' in self.tensors:
            taken[_COUNT] = self.take(f'{prefix}{_COUNT}')
        return taken

    def leave_out(self, pattern: str) -> list[str]:
        """Take what no embedding needs.

        Args:
            pattern (str): A regular expression that the names begin with.

        Returns:
            list[str]: The names.
        """
        names = [name for name in self.tensors if re.match(pattern, name)]
        for name in names:
            del self.tensors[name]
        return names

    def finish(self) -> None:
        """Refuse what nothing has taken.

        Raises:
            UnknownLayoutError: Something is left: the network is another one.
        """
        if self.tensors:
            raise UnknownLayoutError(
                f'This is another network than {self.program}: mmreid has no place for '
                f'{first_names([*self.tensors])}.'
            )


def fixed_exponent(pool: str) -> dict[str, Tensor]:
    """Give a generalised mean without parameter the exponent 3 that it stands for."""
    return {'pool.gem.p': torch.full((1,), 3.0)} if pool == 'gem' else {}


def first_names(names: list[str]) -> str:
    """Write the first of many names."""
    more = len(names) - _SHOWN
    return ', '.join(names[:_SHOWN]) + (f' and {more} more' if more > 0 else '')
