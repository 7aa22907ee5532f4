"""The vectors of a branch: a map is pooled to parts, and each part embedded."""

from collections.abc import Sequence
from typing import Literal

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice, check_number
from mmreid.models.building import (
    Config,
    Widths,
    build_told,
    check_index,
    configs_of,
    width_at,
)

REDUCTIONS = ('unit', 'linear')
STOPS = ('pooled', 'feat', 'bn_feat')


class BranchVectors(BaseModule):
    """Stage (map -> map), pool (map -> parts), then P embeddings.

    An embedding is *pooled* -> reduction -> *feat* -> BN neck -> *bn_feat*. Every part
    has its own weights. Without a reduction feat is pooled.

    Args:
        in_channels (int | Sequence[int], optional): Channels of the backbone's maps:
            of all alike or of each. ``PersonReID`` fills them in from a backbone that
            tells ``out_channels``; None is an error.
        pool (dict): Config of the pool, ``(N, C, H, W) -> (N, P, C)``. It may tell
            ``out_channels``, ``out_parts`` (P; 1 if it does not tell) and
            ``num_test_parts`` (if it returns further parts in training only).
        stage (dict | Sequence[dict], optional): One or several map -> map layers
            before the pool. Defaults to None.
        in_index (int): Which of the backbone's maps. Defaults to 0.
        channels (int, optional): Width of the reduction; None for none.
            Defaults to None.
        reduction (str): ``'unit'``: a 1x1 convolution, batch norm and ReLU;
            ``'linear'``: a 1x1 convolution without bias. Defaults to ``'unit'``.
        bn_neck (bool): Batch normalisation between feat and the classifier, as in
            `Bag of Tricks <https://arxiv.org/abs/1903.07071>`_. Defaults to False.
        neck_bias (bool): Let the neck's bias learn; False keeps it at zero, as the
            authors of the neck do. Defaults to True.
        test (str, optional): What is compared at test time: ``'pooled'``,
            ``'feat'`` or ``'bn_feat'``; None for a training-only branch.
            Defaults to ``'feat'``.
        test_parts (Sequence[int], optional): Compare these parts only.
            Defaults to None, all.
        test_scale (float): Factor on the vectors that are compared, which weighs the
            branch against others. Defaults to 1.0.

    Raises:
        ValueError: If the options contradict each other or no one tells
            ``in_channels``; in ``forward``, if the backbone's maps are not what they
            say.
    """

    def __init__(
        self,
        in_channels: Widths,
        pool: Config,
        stage: Config | Sequence[Config] | None = None,
        in_index: int = 0,
        channels: int | None = None,
        reduction: Literal['unit', 'linear'] = 'unit',
        bn_neck: bool = False,
        neck_bias: bool = True,
        test: Literal['pooled', 'feat', 'bn_feat'] | None = 'feat',
        test_parts: Sequence[int] | None = None,
        test_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.in_channels = width = width_at(in_channels, in_index)
        self.in_index = in_index
        self.test = test
        self.test_scale = test_scale
        self.stage = nn.Sequential()
        for cfg in configs_of('stage', stage):
            self.stage.append(build_told(cfg, in_channels=width))
            width = getattr(self.stage[-1], 'out_channels', width)
        self.pool = build_told(pool, in_channels=width)
        self.pooled_channels = getattr(self.pool, 'out_channels', width)
        self.channels = channels or self.pooled_channels
        self.num_parts = getattr(self.pool, 'out_parts', 1)
        self.num_test_parts = getattr(self.pool, 'num_test_parts', self.num_parts)
        self.test_parts = None if test_parts is None else list(test_parts)
        self._check_vectors(channels, reduction, bn_neck, neck_bias)
        self.reduction = self._reduction(reduction) if channels is not None else None
        self.bn_neck = None
        if bn_neck:
            self.bn_neck = nn.BatchNorm1d(self.num_parts * self.channels)
            self.bn_neck.bias.requires_grad_(neck_bias)

    def _check_vectors(
        self, channels: int | None, reduction: str, bn_neck: bool, neck_bias: bool
    ) -> None:
        """Refuse options that contradict each other."""
        check_choice('reduction', reduction, REDUCTIONS)
        check_choice('test', self.test, (*STOPS, None))
        check_number('test_scale', self.test_scale, above=0)
        if channels is not None:
            check_number('channels', channels, above=0)
        if reduction != 'unit' and channels is None:
            raise ValueError(
                f"reduction={reduction!r} needs its width; set channels, or 'unit'."
            )
        if self.test == 'bn_feat' and not bn_neck:
            raise ValueError(
                "test='bn_feat' needs the BN neck; set bn_neck=True or test='feat'."
            )
        if not neck_bias and not bn_neck:
            raise ValueError(
                'neck_bias=False needs the BN neck; set bn_neck=True or neck_bias=True.'
            )
        if self.num_test_parts != self.num_parts and (channels or bn_neck):
            raise ValueError(
                'A pool with training-only parts keeps its own reduction: set '
                f'channels=None and bn_neck=False; got channels={channels}, '
                f'bn_neck={bn_neck}.'
            )
        outside = [
            part
            for part in self.test_parts or []
            if not 0 <= part < self.num_test_parts
        ]
        if outside or self.test_parts == []:
            raise ValueError(
                f'test_parts must name some of the {self.num_test_parts} parts, '
                f'0 to {self.num_test_parts - 1}; got {self.test_parts}.'
            )

    def _reduction(self, kind: str) -> nn.Module:
        """Build what narrows the pooled vectors."""
        cfg = dict(type='PartUnit') if kind == 'unit' else dict(type='PartLinear')
        return build_told(
            cfg,
            num_parts=self.num_parts,
            in_channels=self.pooled_channels,
            out_channels=self.channels,
            bias=False,  # of 'linear'; a unit has no such option
        )

    @property
    def test_channels(self) -> int:
        """Values of all vectors that are compared, of a picture; 0 if none are."""
        if self.test is None:
            return 0
        parts = self.num_test_parts if self.test_parts is None else len(self.test_parts)
        return parts * self.part_channels

    @property
    def part_channels(self) -> int:
        """Width of a part's vector that is compared."""
        return self.pooled_channels if self.test == 'pooled' else self.channels

    def forward(self, feats: Sequence[Tensor]) -> dict[str, Tensor]:
        """Compute the vectors of every stop on the way.

        Args:
            feats (Sequence[Tensor]): The backbone's maps, each ``(N, C, H, W)``, or
                vectors ``(N, C)``, which are maps of one position.

        Returns:
            dict[str, Tensor]: ``'map'`` ``(N, C, H, W)`` and the part vectors
            ``'pooled'``, ``'feat'``, ``'bn_feat'``, each ``(N, P, D)``; bn_feat is
            feat where there is no BN neck.
        """
        x, pooled = self._pooled(feats)
        feat = pooled if self.reduction is None else self.reduction(pooled)
        bn_feat = feat
        if self.bn_neck is not None:
            bn_feat = self.bn_neck(feat.flatten(1)).view_as(feat)
        return dict(map=x, pooled=pooled, feat=feat, bn_feat=bn_feat)

    def _pooled(self, feats: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Compute the map that is pooled, and the part vectors of it."""
        x = self.stage(self._map_of(feats))
        return x, self.pool(x)

    def _map_of(self, feats: Sequence[Tensor]) -> Tensor:
        """Take the branch's map, or say what the backbone gives instead."""
        check_index(self.in_index, len(feats))
        x = feats[self.in_index]
        if x.ndim == 2:  # a vector, such as a ViT's class token: a map of one position
            x = x[:, :, None, None]
        if x.ndim != 4:
            raise ValueError(
                'The backbone must return maps (N, C, H, W) or vectors (N, C), got '
                f"{tuple(x.shape)}; take mmreid's type='VisionTransformer', which "
                'returns its tokens as a map and the class token as another, or set '
                "out_type='featmap' or 'cls_token' of mmpretrain's."
            )
        if x.shape[1] != self.in_channels:
            raise ValueError(
                f"in_channels must be the map's, {x.shape[1]}; got "
                f'{self.in_channels}. Set model.head.in_channels, or leave it out '
                'where the backbone tells its out_channels.'
            )
        return x

    def vectors(self, feats: Sequence[Tensor]) -> Tensor:
        """Compute the part vectors that retrieval compares, ``(N, P, D)``."""
        if self.test == 'pooled':  # nothing behind the pool is computed
            return self.compared(dict(pooled=self._pooled(feats)[1]))
        return self.compared(self(feats) if self.test else {})

    def compared(self, out: dict[str, Tensor]) -> Tensor:
        """Choose what retrieval compares.

        Args:
            out (dict[str, Tensor]): What ``forward`` returned.

        Returns:
            Tensor: ``(N, P, D)``.

        Raises:
            ValueError: Nothing of this branch is compared.
        """
        if self.test is None:
            raise ValueError('A branch with test=None has no vectors to compare.')
        parts = out[self.test][:, : self.num_test_parts]
        if self.test_parts is not None:
            parts = parts[:, self.test_parts]
        return parts if self.test_scale == 1 else parts * self.test_scale
