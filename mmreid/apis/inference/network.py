"""A network that turns prepared pictures into vectors, as fast as its device can."""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.logging import print_log
from torch import Tensor

from mmreid.apis.inference.casting import cast_products
from mmreid.apis.inference.folding import fold_batch_norms
from mmreid.apis.inference.packing import can_pack, pack_convolutions
from mmreid.engine.hooks.channels_last_hook import put_channels_last
from mmreid.evaluation.functional.distances.pairs import least_cosine

#: Vectors of a fast network have at least this cosine to those of the exact one.
LEAST_COSINE = 0.9999
_DTYPES = dict(float32=torch.float32, bfloat16=torch.bfloat16, float16=torch.float16)
# So many pictures tell whether a precision is enough.
_NUM_PROBES = 4


class Network:
    """A model on its device.

    With ``precision='float32'`` it is the model as a test runs it. Otherwise it is a
    copy with batch norm folded into convolutions and their weights packed. It computes
    in the precision that is asked for, or, with ``'auto'``, in the fastest one that the
    device has and that the model bears: its vectors of a few pictures are compared with
    the exact ones.

    Args:
        model (Any): Network of :func:`mmreid.apis.init_model`.
        device (torch.device): Where to compute.
        precision (str): One of ``mmreid.apis.inferencer.PRECISIONS``.
        compile (bool): Have ``torch.compile`` translate the backbone.
        size (int): The largest batch.
        pipeline (Callable): Prepares a picture.
    """

    def __init__(
        self,
        model: Any,
        device: torch.device,
        precision: str,
        compile: bool,
        size: int,
        pipeline: Callable[[np.ndarray], Tensor],
    ) -> None:
        if precision == 'int8':
            raise ValueError(
                "precision 'int8' is of exported files: write one with "
                'mmreid export MODEL --precision int8, and give that.'
            )
        self.device, self.size, self.compiled = device, size, False
        self.model, self._exact, self.dtype = model, model, torch.float32
        self.cosine = 1.0
        # torch.compile packs weights itself.
        self._packs = device.type == 'cpu' and can_pack() and not compile
        probes = [pipeline(picture) for picture in _make_probes()]
        exact = self(probes)
        self.dim = exact.shape[1]
        if precision != 'float32':
            self._choose(precision, probes, exact)
        if compile:
            if self.model is model:
                self.model = copy.deepcopy(model)
            self.model.backbone = torch.compile(self.model.backbone, dynamic=False)
            self.compiled = True
        del self._exact

    @property
    def precision(self) -> str:
        """What it computes with: ``'float32'``, ``'bfloat16'`` or ``'float16'``."""
        return str(self.dtype).removeprefix('torch.')

    def __call__(self, inputs: Sequence[Tensor]) -> np.ndarray:
        """Compute the vectors of a batch.

        Args:
            inputs (Sequence[Tensor]): Pictures ``(3, H, W)`` of one size, in uint8.

        Returns:
            np.ndarray: ``(N, D)`` float32.
        """
        batch = torch.stack([*inputs])
        if self.compiled and len(batch) < self.size:  # another size is compiled anew
            missing = self.size - len(batch)
            batch = torch.cat([batch, batch[:1].expand(missing, -1, -1, -1)])
        with torch.no_grad(), self._autocast():
            samples = self.model.test_step(dict(inputs=batch))
            vectors = torch.stack([sample.embedding for sample in samples])
        return vectors[: len(inputs)].float().cpu().numpy()

    def _autocast(self) -> torch.autocast:
        is_lower = self.dtype != torch.float32
        dtype = self.dtype if is_lower else None
        return torch.autocast(self.device.type, dtype, enabled=is_lower)

    def _choose(self, precision: str, probes: list[Tensor], exact: np.ndarray) -> None:
        """Take the first precision that is near enough, or the one asked for."""
        self.model = copy.deepcopy(self.model)
        folded = self.model
        fold_batch_norms(folded, partial(self, probes[:2]))
        put_channels_last(folded)
        if precision != 'auto':
            self._lower(folded, precision, probes)
            self.cosine = least_cosine(self(probes), exact)
            return
        for name in fast_precisions(self.device):
            try:
                self._lower(folded, name, probes)
                self.cosine = least_cosine(self(probes), exact)
                reason = f'its vectors have a cosine of {self.cosine:.6f} to exact ones'
            except RuntimeError as error:  # a block that mixes numbers of two kinds
                self.cosine, reason = -1.0, str(error)
            if self.cosine >= LEAST_COSINE:
                return
            print_log(f'This model is not computed in {name}: {reason}.', 'current')
        # Not even folded batch norm is borne.
        self.model, self.dtype, self.cosine = self._exact, torch.float32, 1.0

    def _lower(self, folded: Any, name: str, probes: list[Tensor]) -> None:
        """Have a copy of the folded network compute in a precision."""
        self.model, self.dtype = copy.deepcopy(folded), _DTYPES[name]
        run = partial(self, probes[:2])
        if self._packs and self.dtype != torch.float16:
            pack_convolutions(self.model, self.dtype, self.size, run)
        if self.dtype != torch.float32:
            cast_products(self.model, self.dtype, run)


def fast_precisions(device: torch.device) -> list[str]:
    """List the precisions to try on a device, the fastest first.

    Args:
        device (torch.device): The device.

    Returns:
        list[str]: ``'float32'`` last.
    """
    if device.type == 'cpu':
        return ['bfloat16', 'float32'] if has_bfloat16() else ['float32']
    # Half precision has more digits than bfloat16, whose range is larger.
    return ['float16', 'bfloat16', 'float32']


def has_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16 (AVX512_BF16 or AMX)."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def _make_probes() -> list[np.ndarray]:
    """Draw pictures with shapes and colours, always the same."""
    rng = np.random.default_rng(0)
    probes = []
    for number in range(_NUM_PROBES):
        coarse = rng.integers(0, 256, (6 + 2 * number, 3 + number, 3), np.uint8)
        shape = cv2.resize(coarse, (64, 128), interpolation=cv2.INTER_CUBIC)
        noise = rng.normal(0, 8, shape.shape)
        probes.append(np.clip(shape + noise, 0, 255).astype(np.uint8))
    return probes
