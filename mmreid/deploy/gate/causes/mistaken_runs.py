"""A network taken apart, so that it can be run with each of the usual mistakes."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmreid.deploy.gate.causes.preparations import (
    FAITHFUL,
    Normalisation,
    prepare,
    wrong_preparations,
)
from mmreid.deploy.gate.causes.rounding import rounded

# Pictures that a network sees at once.
_BATCH = 16


class MistakenRuns:
    """A network that is run in parts, on prepared pictures.

    Args:
        model (Any): A ``PersonReID``.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.device = model.data_preprocessor.device

    def suspects(
        self, pictures: Tensor, impossible: dict[str, str]
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Compute the vectors without a mistake and with each.

        Args:
            pictures (Tensor): ``(N, 3, H, W)`` uint8, as the preprocessor expects them.
            impossible (dict[str, str]): Takes the mistakes with which the network does
                not run.
        """
        preprocessor, flips = self._model.data_preprocessor, self._model.flip_test
        inputs = prepare(preprocessor, pictures).float()
        plain, mirrored = self._parts(inputs), self._parts(inputs.flip(3))
        both = _mean(plain, mirrored)
        yield FAITHFUL, self._join(both if flips else plain)
        if flips:
            yield 'flip averaging missing', self._join(plain)
        else:
            yield 'flip averaging extra', self._join(both)
            yield 'mirrored pictures', self._join(mirrored)
        yield from self._other_lengths(both if flips else plain)
        normalisation = Normalisation.of(preprocessor, pictures)
        if normalisation is None:
            impossible['all preparations'] = 'the data preprocessor does more'
            return
        for cause, inputs in wrong_preparations(pictures, normalisation):
            try:
                vectors = self._embed(inputs)
            except (RuntimeError, ValueError, AssertionError) as error:
                # Of a size that this network, with its stripes, cannot take.
                impossible[cause] = str(error)
            else:
                yield cause, vectors

    def rounded(self, pictures: Tensor, precision: str) -> np.ndarray:
        """Compute the vectors without a mistake, in reduced precision."""
        inputs = prepare(self._model.data_preprocessor, pictures).float()
        return MistakenRuns(rounded(self._model, precision))._embed(inputs)

    def _other_lengths(self, parts: list[Tensor]) -> Iterator[tuple[str, np.ndarray]]:
        """Leave the L2 normalisation out, or put one in."""
        if self._model.head.normalize != 'none':
            yield 'L2 normalisation missing', self._join(parts, 'none')
            return
        for normalize in ('whole', 'branch', 'part'):
            yield 'L2 normalisation extra', self._join(parts, normalize)

    def _embed(self, inputs: Tensor) -> np.ndarray:
        """Compute the vectors of prepared pictures, as the network's flip says."""
        parts = self._parts(inputs)
        if self._model.flip_test:
            parts = _mean(parts, self._parts(inputs.flip(3)))
        return self._join(parts)

    def _parts(self, inputs: Tensor) -> list[Tensor]:
        """Compute the vectors of every branch, of no length in particular."""
        model = self._model
        with torch.no_grad():
            blocks = [
                model.head.vectors(model.backbone(batch))
                for batch in inputs.split(_BATCH)
            ]
        return [torch.cat(branch) for branch in zip(*blocks, strict=True)]

    def _join(self, parts: list[Tensor], normalize: str | None = None) -> np.ndarray:
        """Make vectors of those of the branches, with a normalisation of one's own."""
        head = self._model.head
        if normalize is not None:
            head = copy.copy(head)  # shares its weights; a word of it is changed
            head.normalize = normalize
        return head.join(parts).double().cpu().numpy()


def _mean(one: list[Tensor], two: list[Tensor]) -> list[Tensor]:
    return [(a + b) / 2 for a, b in zip(one, two, strict=True)]
