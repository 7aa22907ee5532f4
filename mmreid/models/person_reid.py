"""The model word: image -> embedding."""

from collections.abc import Sequence
from typing import Any

import torch
from mmpretrain.models import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmreid.models.building import build_told
from mmreid.registry import MODELS


@MODELS.register_module()
class PersonReID(ImageClassifier):
    """A backbone and a head that turns its maps into one vector per picture.

    Galleries, cameras and ranks live in the evaluation, not here. ``forward`` is
    mmpretrain's: ``mode='tensor'`` returns embeddings ``(N, D)``, ``'loss'`` named
    losses, ``'predict'`` the data samples, each with its ``embedding`` ``(D,)``.

    A backbone with ``side_information`` is told each picture's camera where the data
    sample has its ``cam_id``, in ``'loss'`` and ``'predict'``. ``'tensor'`` knows
    pictures alone and leaves it out.

    Args:
        backbone (dict | nn.Module): Image ``(N, 3, H, W)`` -> tuple of maps.
        head (dict | nn.Module): Maps -> part vectors -> embedding, see
            :class:`MultiBranchHead`. Where its config leaves ``in_channels`` out, they
            are the backbone's ``out_channels``.
        data_preprocessor (dict | nn.Module, optional): Its type defaults to
            ``'ReIDDataPreprocessor'``, which refuses pictures of several sizes.
        flip_test (bool): Average the vectors of the picture and its mirror image
            before they are normalised. Defaults to False.
        init_cfg (dict, optional): As in mmengine. Defaults to None.
    """

    def __init__(
        self,
        backbone: dict[str, Any] | nn.Module,
        head: dict[str, Any] | nn.Module,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
        flip_test: bool = False,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        if not isinstance(data_preprocessor, nn.Module):
            data_preprocessor = MODELS.build(
                {'type': 'ReIDDataPreprocessor', **(data_preprocessor or {})}
            )
        # Built here: the parent would look the types up among mmpretrain's only.
        if not isinstance(backbone, nn.Module):
            backbone = MODELS.build(backbone)
        if not isinstance(head, nn.Module):
            if head.get('in_channels') is None:
                head = {k: v for k, v in head.items() if k != 'in_channels'}
            widths = getattr(backbone, 'out_channels', None)
            head = build_told(head, in_channels=widths)
        super().__init__(
            backbone,
            head=head,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
        self.flip_test = flip_test

    def embed(self, inputs: Tensor, rows: Sequence[int] | None = None) -> Tensor:
        """Map preprocessed pictures to embeddings.

        Args:
            inputs (Tensor): ``(N, 3, H, W)``.
            rows (Sequence[int], optional): Of each picture, what the backbone's
                ``side_information`` says. Defaults to None.

        Returns:
            Tensor: ``(N, D)``.
        """
        vectors = self.head.vectors(self._maps(inputs, rows))
        if self.flip_test:
            mirrored = self.head.vectors(self._maps(inputs.flip(3), rows))
            vectors = [(a + b) / 2 for a, b in zip(vectors, mirrored, strict=True)]
        return self.head.join(vectors)

    def forward(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        mode: str = 'tensor',
    ) -> Any:
        """Run in one of mmengine's three modes, see the class.

        Args:
            inputs (Tensor): Preprocessed pictures ``(N, 3, H, W)``.
            data_samples (list[DataSample], optional): Needed for ``mode='loss'``.
                Defaults to None.
            mode (str): ``'tensor'``, ``'loss'`` or ``'predict'``.
                Defaults to ``'tensor'``.

        Returns:
            Tensor | dict[str, Tensor] | list[DataSample]: What the mode asks for.
        """
        if mode == 'tensor':
            return self.embed(inputs)
        return super().forward(inputs, data_samples, mode)

    def loss(self, inputs: Tensor, data_samples: list[DataSample]) -> dict[str, Tensor]:
        """Compute the losses.

        Args:
            inputs (Tensor): Preprocessed pictures ``(N, 3, H, W)``.
            data_samples (list[DataSample]): With ``gt_label``.

        Returns:
            dict[str, Tensor]: Scalars by name.
        """
        rows = self._side_rows(data_samples)
        return self.head.loss(self._maps(inputs, rows), data_samples)

    def _side_rows(self, samples: Sequence[DataSample]) -> list[int] | None:
        """Ask the backbone what it makes of cameras, None if nothing."""
        side = getattr(self.backbone, 'side_information', None)
        return None if side is None else side.rows(samples, training=self.training)

    def _maps(self, inputs: Tensor, rows: Sequence[int] | None) -> Sequence[Tensor]:
        """Compute the maps of pictures, of which their rows may be told."""
        if rows is None:
            return self.backbone(inputs)
        return self.backbone(inputs, torch.tensor(rows).to(inputs.device))

    def predict(
        self, inputs: Tensor, data_samples: list[DataSample] | None = None
    ) -> list[DataSample]:
        """Write each picture's embedding and how it was made into its data sample.

        Args:
            inputs (Tensor): Preprocessed pictures ``(N, 3, H, W)``.
            data_samples (list[DataSample], optional): To write into. Defaults to None:
                into new ones.

        Returns:
            list[DataSample]: With the field ``embedding`` ``(D,)`` and, for the
            protocol stamp, the metainfo ``flip_test``, ``normalize`` and, of a
            backbone with side information, ``side_information``: ``'camera'``, or
            ``'left out'`` where it was told nothing of the picture.
        """
        samples = data_samples or [DataSample() for _ in range(len(inputs))]
        rows = self._side_rows(samples)
        # Metrics compare in float32, also where autocast ran the network lower.
        embeddings = self.embed(inputs, rows)
        if embeddings.dtype in (torch.float16, torch.bfloat16):
            embeddings = embeddings.float()
        recipe = dict(flip_test=self.flip_test, normalize=self.head.normalize)
        for sample, embedding in zip(samples, embeddings, strict=True):
            sample.embedding = embedding
            sample.set_metainfo(recipe)
        for sample, row in zip(samples, rows or (), strict=False):
            told = self.backbone.side_information.describe(row)
            sample.set_metainfo(dict(side_information=told))
        return samples
