"""Moving, augmenting and normalising a batch on the device."""

from collections.abc import Mapping, Sequence
from typing import Any

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
                ``(C, H, W)``, and ``data_samples``.
            training (bool): Whether to augment. Defaults to False.

        Returns:
            dict: The same, with pictures ``(N, C, H, W)`` in float32.

        Raises:
            ValueError: The pictures of a list differ in size, or there is none.
        """
        inputs = self.cast_data(data['inputs'])
        samples = data.get('data_samples')
        if not isinstance(inputs, Tensor):
            inputs = self._stacked(inputs)
        if training:
            inputs = self.augments(inputs)
        if samples and all('gt_label' in sample for sample in samples):
            self._move_labels(samples)
        return super().forward(dict(inputs=inputs, data_samples=samples), training)

    @staticmethod
    def _stacked(pictures: Sequence[Tensor]) -> Tensor:
        """Make a batch of pictures; the parent would pad the smaller ones."""
        sizes = sorted({tuple(picture.shape) for picture in pictures})
        if len(sizes) != 1:
            raise ValueError(
                'Pictures of a batch must have one size, or a vector would depend on '
                f'its neighbours; got {sizes or "no picture"}. Resize them as the '
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
