"""Moving, augmenting and normalising a batch on the device."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmreid.registry import MODELS


@MODELS.register_module()
class ReIDDataPreprocessor(ClsDataPreprocessor):
    """mmpretrain's ``ClsDataPreprocessor`` that augments batches on the device.

    In training the batch goes through all ``augments`` in turn, as it comes from the
    pipeline (BGR, 0 to 255), before it is turned to RGB and normalised: in place of
    the pipeline's own steps, which take a worker's time for each picture::

        data_preprocessor = dict(
            type='ReIDDataPreprocessor',
            mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True,
            augments=[
                dict(type='BatchRandomFlip', prob=0.5),
                dict(type='BatchRandomErasing', fill_color=(103.53, 116.28, 123.675)),
            ])
        train_pipeline = [load, resize, crop, pack]

    Pictures and labels move to the device without waiting for it, where the data loader
    has ``pin_memory=True``. The parent's ``batch_augments`` (mixup, of which one is
    chosen for a batch, and which change the labels) follow the normalisation.

    Args:
        augments (Sequence[dict]): Configs of maps of pictures ``(N, C, H, W)``, such
            as ``BatchRandomFlip``. Defaults to ().
        **kwargs (Any): Arguments of the parent.
    """

    def __init__(
        self, augments: Sequence[dict | nn.Module] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._non_blocking = True
        self.augments = nn.Sequential(
            *(a if isinstance(a, nn.Module) else MODELS.build(a) for a in augments)
        )

    def forward(
        self, data: Mapping[str, Any], training: bool = False
    ) -> dict[str, Any]:
        """Prepare a batch.

        Args:
            data (Mapping): ``inputs``, pictures ``(N, C, H, W)`` or a list of pictures
                ``(C, H, W)``, or arrays ``(H, W, 3)`` in BGR as OpenCV has them; and
                ``data_samples``.
            training (bool): Whether to augment. Defaults to False.

        Returns:
            dict: The same, with pictures ``(N, C, H, W)`` in float32, or in float16 or
            bfloat16 where the model was turned into that.

        Raises:
            FileNotFoundError: A picture is a path, of which there is no file.
            TypeError: A picture is neither a tensor nor an array.
            ValueError: The pictures of a list differ in size, or there is none, or an
                array is no picture in colour.
        """
        inputs = data['inputs']
        if not isinstance(inputs, Tensor):
            inputs = [_to_tensor(place, one) for place, one in enumerate(inputs)]
        inputs = self.cast_data(inputs)
        samples = data.get('data_samples')
        if not isinstance(inputs, Tensor):
            inputs = self._stacked(inputs)
        if training:
            inputs = self.augments(inputs)
        if samples and all('gt_label' in sample for sample in samples):
            self._move_labels(samples)
        done = super().forward(dict(inputs=inputs, data_samples=samples), training)
        # A buffer, which takes the model's type, as .half() gives it.
        kind = self.mean.dtype if self._enable_normalize else torch.float32
        if kind in (torch.float16, torch.bfloat16):
            done['inputs'] = done['inputs'].to(kind)
        return done

    @staticmethod
    def _stacked(pictures: Sequence[Tensor]) -> Tensor:
        """Make a batch of pictures; the parent would pad the smaller ones."""
        if not pictures:
            raise ValueError(
                'inputs must hold at least one, got no picture: which size a batch '
                'of none has is not known. Leave out frames without a box, or call '
                'mmreid.apis.ReIDInferencer, which returns (0, dim) vectors.'
            )
        sizes = sorted({tuple(picture.shape) for picture in pictures})
        if len(sizes) != 1:
            raise ValueError(
                'Pictures of a batch must have one size, or a vector would depend on '
                f'its neighbours; got {sizes}. Resize them as the '
                'test pipeline does, or call mmreid.apis.embed, which does.'
            )
        return torch.stack(list(pictures))

    def _move_labels(self, samples: Sequence[DataSample]) -> None:
        """Move the labels in one copy; the parent's own would wait for the device."""
        labels = [sample.gt_label for sample in samples]
        moved = torch.cat(labels).to(self.device, non_blocking=True)
        for sample, label in zip(
            samples, moved.split(list(map(len, labels))), strict=True
        ):
            sample.set_gt_label(label)


def _to_tensor(place: int, picture: Any) -> Tensor:
    """Take a picture of a list as it comes: a tensor, or an array of OpenCV."""
    if isinstance(picture, Tensor):
        return picture
    if isinstance(picture, str | os.PathLike):
        path = os.fspath(picture)
        if not os.path.exists(path):
            raise FileNotFoundError(f'inputs[{place}]: there is no file {path!r}.')
    if not isinstance(picture, np.ndarray):
        raise TypeError(
            f'inputs[{place}] must be a tensor (C, H, W) or an array (H, W, 3), got '
            f'{type(picture).__name__}. mmreid.apis.ReIDInferencer reads files and '
            'PIL pictures, and resizes them.'
        )
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(
            f'inputs[{place}] must be an array (H, W, 3) in BGR, got the shape '
            f'{picture.shape}.'
        )
    # A view that is flipped has negative strides, which tensors lack.
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)
