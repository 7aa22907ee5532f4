"""An exported file that turns prepared pictures into vectors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmreid.deploy.exported_network import ExportedNetwork


class FileNetwork:
    """What ``Network`` is for a network, for a file: it is run as it is.

    Args:
        model (ExportedNetwork): Of :func:`mmreid.apis.init_model`.
        device (Any): ``'auto'``, or a device: the processor.
        precision (str): ``'auto'``, or that of the file.
        compile (bool): False.

    Attributes:
        dim: Width of the vectors.
        precision: The file's.

    Raises:
        ValueError: Another device or precision, or ``compile``.
    """

    def __init__(
        self, model: ExportedNetwork, device: Any, precision: str, compile: bool
    ) -> None:
        file, facts = model.exported, model.facts
        if device != 'auto' and torch.device(device).type != 'cpu':
            raise ValueError(
                f"device must be 'auto' or 'cpu' for {file.path}, which {file.runtime} "
                f'runs on the processor, got {str(device)!r}. Give the checkpoint that '
                'it was made of.'
            )
        if precision not in ('auto', facts.precision):
            raise ValueError(
                f"precision must be 'auto' or {facts.precision!r} for {file.path}, got "
                f"{precision!r}: precision is the file's. Export another file with "
                'mmreid export --precision.'
            )
        if compile:
            raise ValueError(
                f'compile must be False for {file.path}, which {file.runtime} has '
                'translated already, got True.'
            )
        self._model = model
        self.dim, self.precision = facts.dim, facts.precision

    def __call__(self, inputs: Sequence[Tensor]) -> np.ndarray:
        """Compute the vectors of a batch.

        Args:
            inputs (Sequence[Tensor]): Pictures ``(3, H, W)`` in uint8.

        Returns:
            np.ndarray: ``(N, D)`` float32.
        """
        return self._model.vectors(inputs)
