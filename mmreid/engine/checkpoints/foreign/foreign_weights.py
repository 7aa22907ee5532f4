"""The tensors of other programs' files, whatever else is in them."""

import errno
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from mmreid.engine.checkpoints.damage import check_numbers, damage_of
from mmreid.engine.checkpoints.foreign.descriptions import (
    Inert,
    mapping_of,
    members_of,
)
from mmreid.engine.checkpoints.foreign.known_programs import PLACES
from mmreid.engine.checkpoints.foreign.pickle_files import open_pickle
from mmreid.engine.checkpoints.foreign.recognition import without_module
from mmreid.engine.checkpoints.foreign.stored_tensors import StoredTensors
from mmreid.engine.checkpoints.safetensors_files import read_safetensors
from mmreid.errors import UnreadableCheckpointError

_MOST_MODULES, _DEEPEST = 20_000, 100


class ForeignWeights(NamedTuple):
    """Tensors of a file, and what of it was not run.

    Attributes:
        tensors (dict[str, Tensor]): By name, without the ``module.`` of a wrapper.
        classes (tuple[str, ...]): Classes whose objects were not made.
        calls (tuple[str, ...]): Functions that were not called.
    """

    tensors: dict[str, Tensor]
    classes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()

    def explain(self) -> str:
        """Tell what was read and what was refused."""
        lines = [f'{len(self.tensors)} tensors were read; nothing of the file was run.']
        if self.classes:
            lines.append(
                'It is not only weights. Objects of these classes were not made, only '
                f'their tensors were read: {", ".join(self.classes)}.'
            )
        if self.calls:
            lines.append(
                'It asks for calls that weights do not need, which were refused: '
                f'{", ".join(self.calls)}. Be careful with this file elsewhere: '
                'torch.load(weights_only=False) would run them.'
            )
        return '\n'.join(lines)


def read_weights(path: str | PathLike) -> ForeignWeights:
    """Read the weights of a file of tensors or of a whole pickled module.

    A whole module is saved as code to run: ``torch.load`` has to import its classes
    and call what the file names. Here nothing is imported or called; the module's
    description is walked through, and its tensors are taken under the names that
    ``state_dict()`` would give them.

    Args:
        path (str | PathLike): A file that ``torch.save`` wrote, of any version from
            0.4, or a ``.safetensors`` file.

    Returns:
        ForeignWeights: The tensors, on the CPU.

    Raises:
        UnreadableCheckpointError: There are no weights in it, or it is damaged.
        MissingPackageError: The file ends in ``.safetensors``, and that package is not
            installed.
        FileNotFoundError: There is no such file.
    """
    path = Path(path)
    if not path.is_file():  # a pipe would be waited for
        raise FileNotFoundError(errno.ENOENT, 'No such file', str(path))
    if path.suffix == '.safetensors':
        return ForeignWeights(read_safetensors(path)['state_dict'])
    with path.open('rb') as file, damage_of(path):
        content = open_pickle(file)
        tensors = dict(_Walk(StoredTensors(content.numbers)).weights(content.root))
    check_numbers(tensors, path)
    if not tensors:
        raise UnreadableCheckpointError(
            f'{path} holds no tensors by name, neither at its top nor under '
            f'{", ".join(PLACES)}, and is no pickled module.'
        )
    if all(name.startswith('module.') for name in tensors):
        tensors = {without_module(k): v for k, v in tensors.items()}
    return ForeignWeights(
        tensors, content.unpickler.classes_refused(), content.unpickler.calls_refused()
    )


class _Walk:
    """A way through a description, no longer than a network needs."""

    def __init__(self, tensors: StoredTensors) -> None:
        self._tensors = tensors
        self._left = _MOST_MODULES

    def weights(self, root: Any) -> Iterator[tuple[str, Tensor]]:
        """Find the weights in a module, where programs put them or at the top."""
        if _state_of(root) is not None:
            yield from self._of_module(root, '')
            return
        content = mapping_of(root) or {}
        # Before the top, where a tensor may lie beside them: the best accuracy, in
        # PyTorch's ImageNet example.
        for place in PLACES:
            if place in content:
                self._step()
                if weights := list(self.weights(content[place])):
                    yield from weights
                    return
        for name, value in content.items():
            tensor = self._tensors.find(value)
            if tensor is not None:
                yield str(name), tensor

    def _of_module(self, node: Any, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """Name a module's tensors as its ``state_dict()`` does."""
        state = _state_of(node)
        if state is None:
            return
        self._step(prefix.count('.'))
        passing = members_of(state.get('_non_persistent_buffers_set'))
        for kind in ('_parameters', '_buffers'):
            for name, value in (mapping_of(state.get(kind)) or {}).items():
                tensor = None if name in passing else self._tensors.find(value)
                if tensor is not None:
                    yield f'{prefix}{name}', tensor
        for name, child in (mapping_of(state['_modules']) or {}).items():
            yield from self._of_module(child, f'{prefix}{name}.')

    def _step(self, depth: int = 0) -> None:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise ValueError('its modules are nested too deeply, or hold themselves')


def _state_of(node: Any) -> Mapping[Any, Any] | None:
    """Return the attributes of a pickled torch module; None of anything else."""
    state = mapping_of(node.state) if isinstance(node, Inert) else None
    is_module = state is not None and {'_parameters', '_modules'} <= set(state)
    return state if is_module else None
