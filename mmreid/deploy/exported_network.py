"""An exported file in the place of a network."""

import os
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import torch
from mmengine.logging import print_log
from mmengine.model import BaseModel
from mmpretrain.structures import DataSample
from torch import Tensor

from mmreid.deploy.facts import ExportedFacts
from mmreid.deploy.runtimes import open_once
from mmreid.registry import MODELS


@MODELS.register_module()
class ExportedNetwork(BaseModel):
    """A network whose computing is that of a file which ``mmreid export`` has written.

    It stands wherever a network is asked for vectors of pictures: in a test, in
    ``ReIDInferencer``. It has no parameters, so that it is neither trained nor looked
    into, and stays on the processor whatever device a model is sent to. Pictures come
    as the test pipeline leaves them, and are not normalised before: the file does that.

    Args:
        file (str | PathLike): As of :func:`mmreid.deploy.open_exported`.
        threads (int, optional): How many compute. Defaults to None: all processors.
        side_information (str, optional): For the protocol stamp, what became of what
            the network it was made of is told beside pixels. Defaults to None: it is
            told nothing.
        data_preprocessor (dict, optional): None, and nothing else.

    Attributes:
        exported: The file, opened.
        trained_on: Which data the network that it was made of was trained on, or None.

    Raises:
        ValueError: There is a data preprocessor.
        ExportedFileError: The file cannot be used.
        FileNotFoundError: There is none.
        ImportError: Its runtime is not installed.
    """

    def __init__(
        self,
        file: str | os.PathLike,
        threads: int | None = None,
        side_information: str | None = None,
        data_preprocessor: dict[str, Any] | None = None,
    ) -> None:
        if data_preprocessor is not None:
            raise ValueError(
                f'data_preprocessor must be None beside {file}, which normalises '
                f'pictures itself, got {data_preprocessor}.'
            )
        super().__init__()
        self.exported = open_once(file, threads)
        self.side_information = side_information
        # For the protocol stamp, as loading a checkpoint tells it.
        self.trained_on: dict[str, Any] | None = self.facts.trained_on
        self.eval()

    @property
    def facts(self) -> ExportedFacts:
        """What the file tells of itself."""
        return self.exported.facts

    @property
    def flip_test(self) -> bool:
        """Whether vectors are the mean of a picture's and its mirror's."""
        return self.facts.flip_test

    def train(self, mode: bool = True) -> 'ExportedNetwork':
        """Refuse to be trained.

        Args:
            mode (bool): Whether to. Defaults to True.

        Raises:
            ValueError: ``mode`` is true.
        """
        if mode:
            self._refuse_training()
        return super().train(False)

    def vectors(self, inputs: Tensor | Sequence[Tensor | np.ndarray]) -> np.ndarray:
        """Compute vectors.

        Args:
            inputs (Tensor | Sequence): Pictures ``(N, 3, H, W)`` of uint8, blue first,
                of the size in the facts, or a list of such; of arrays they are
                ``(H, W, 3)``.

        Returns:
            np.ndarray: ``(N, D)`` float32.

        Raises:
            ValueError: They are others.
        """
        return self.exported(_last_channels(inputs, self.facts.channels == 'rgb'))

    def forward(
        self,
        inputs: Tensor | Sequence[Tensor],
        data_samples: list[DataSample] | None = None,
        mode: str = 'tensor',
    ) -> Any:
        """Run in mmengine's modes, but for ``'loss'``.

        Args:
            inputs (Tensor | Sequence[Tensor]): As of :meth:`vectors`.
            data_samples (list[DataSample], optional): For ``'predict'``, to write into.
                Defaults to None: into new ones.
            mode (str): ``'tensor'`` or ``'predict'``. Defaults to ``'tensor'``.

        Returns:
            Tensor | list[DataSample]: Vectors ``(N, D)``; or the data samples, each
            with ``embedding`` ``(D,)`` and, for the protocol stamp, the metainfo
            ``flip_test``, ``normalize``, ``runtime`` and ``precision``.

        Raises:
            ValueError: ``mode`` is another word.
        """
        if mode == 'loss':
            self._refuse_training()
        if mode not in ('tensor', 'predict'):
            raise ValueError(f"mode must be 'tensor' or 'predict', got {mode!r}.")
        vectors = torch.from_numpy(self.vectors(inputs))
        return vectors if mode == 'tensor' else self._write(vectors, data_samples)

    def _write(
        self, vectors: Tensor, samples: list[DataSample] | None
    ) -> list[DataSample]:
        """Write vectors, and how they were made, into data samples."""
        facts = self.facts
        recipe = dict(
            flip_test=facts.flip_test,
            normalize=facts.normalize,
            runtime=self.exported.runtime,
            precision=facts.precision,
        )
        if self.side_information is not None:
            recipe['side_information'] = self.side_information
        samples = samples or [DataSample() for _ in vectors]
        for sample, vector in zip(samples, vectors, strict=True):
            sample.embedding = vector
            sample.set_metainfo(recipe)
        return samples

    def _refuse_training(self) -> NoReturn:
        raise ValueError(
            f'{self.exported.path} cannot be trained: an exported file has no '
            'parameters. Train the checkpoint that it was made of, and export that.'
        )

    def _set_device(self, device: torch.device) -> None:
        """Stay on the processor, where the file is run."""
        if device.type != 'cpu':
            print_log(
                f'{self.exported.path} is run on the processor by '
                f'{self.exported.runtime}, and not on {device}.',
                'current',
            )

    def _apply(self, fn: Any, recurse: bool = True) -> 'ExportedNetwork':
        """Refuse ``half()`` and the like, which would change nothing."""
        kind = fn(torch.zeros(1)).dtype
        if kind != torch.float32:
            raise ValueError(
                f'{self.exported.path} cannot be turned into {kind}: the precision is '
                f"the file's, {self.facts.precision}. Export it in another one."
            )
        return super()._apply(fn, recurse)


def _last_channels(inputs: Any, turned: bool) -> np.ndarray:
    """Make one array ``(N, H, W, 3)``, copying pictures once at most."""
    if isinstance(inputs, Tensor):
        batch = inputs.permute(0, 2, 3, 1) if inputs.ndim == 4 else inputs
    else:
        pictures = [
            one.permute(1, 2, 0) if isinstance(one, Tensor) else torch.from_numpy(one)
            for one in inputs
        ]
        sizes = sorted({tuple(one.shape) for one in pictures})
        if len(sizes) != 1:
            raise ValueError(
                f'inputs must be pictures of one size, got {sizes or "none"}; the '
                'test pipeline resizes them.'
            )
        batch = torch.stack(pictures)
    return (batch.flip(-1) if turned else batch).cpu().numpy()
