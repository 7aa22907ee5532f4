"""One row of a paper's figure: a map becomes embeddings, each with its losses."""

import inspect
from collections.abc import Sequence
from typing import Any, Literal

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.registry import MODELS

Config = dict[str, Any]


def build_on(cfg: Config, in_channels: int) -> nn.Module:
    """Build a brick that reads a map; tell its width to those that ask for it."""
    kind = cfg['type']
    brick = MODELS.get(kind) if isinstance(kind, str) else kind
    wants_width = brick and 'in_channels' in inspect.signature(brick).parameters
    return MODELS.build({'in_channels': in_channels, **cfg} if wants_width else cfg)


@MODELS.register_module()
class Branch(BaseModule):
    """Stage (map -> map), pool (map -> parts), then P embeddings with their losses.

    An embedding is *pooled* -> reduction (1x1 convolution, batch norm, ReLU) ->
    *feat* -> BN neck -> *bn_feat* -> classifier -> scores. Every part has its own
    weights. Without a reduction feat is pooled; without a BN neck scores come from
    feat.

    Args:
        in_channels (int): Channels of the backbone's map.
        num_classes (int, optional): Number of training identities; None for no
            classifier, with which nothing is trained.
        pool (dict): Config of the pool, ``(N, C, H, W) -> (N, P, C)``. It may tell
            ``out_channels``, ``out_parts`` (P; 1 if it does not tell) and
            ``num_test_parts`` (if it returns further parts in training only).
        stage (dict | Sequence[dict], optional): One or several map -> map layers
            before the pool. Defaults to None.
        in_index (int): Which of the backbone's maps. Defaults to 0.
        channels (int, optional): Width of the reduction; None for none.
            Defaults to None.
        bn_neck (bool): Batch normalisation between feat and the classifier, as in
            `Bag of Tricks <https://arxiv.org/abs/1903.07071>`_. Defaults to False.
        id_loss (dict, optional): Loss on (scores, labels). Defaults to None.
        metric_loss (dict, optional): Loss on (feat, labels). Defaults to None.
        alignment_loss (dict, optional): Loss on (map, classifier weight, labels);
            needs one part, ``channels=None`` and ``bn_neck=False``, since it applies
            the classifier to the map. Defaults to None.
        part_reduction (str): ``'sum'`` or ``'mean'`` of the parts' losses.
            Defaults to ``'sum'``.
        test (str, optional): What is compared at test time: ``'pooled'``,
            ``'feat'`` or ``'bn_feat'``; None for a training-only branch.
            Defaults to ``'feat'``.
        test_parts (Sequence[int], optional): Compare these parts only.
            Defaults to None, all.

    Raises:
        ValueError: If the options contradict each other; in ``forward``, if the
            backbone's maps are not what they say.
    """

    classifier: Any  # None where no loss asks for it
    reduction: Any

    def __init__(
        self,
        in_channels: int,
        num_classes: int | None,
        pool: Config,
        stage: Config | Sequence[Config] | None = None,
        in_index: int = 0,
        channels: int | None = None,
        bn_neck: bool = False,
        id_loss: Config | None = None,
        metric_loss: Config | None = None,
        alignment_loss: Config | None = None,
        part_reduction: Literal['sum', 'mean'] = 'sum',
        test: Literal['pooled', 'feat', 'bn_feat'] | None = 'feat',
        test_parts: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.in_index = in_index
        self.part_reduction = part_reduction
        self.test = test
        self.stage = nn.Sequential()
        for cfg in [stage] if isinstance(stage, dict) else stage or []:
            self.stage.append(build_on(cfg, in_channels))
            in_channels = getattr(self.stage[-1], 'out_channels', in_channels)
        self.pool = build_on(pool, in_channels)
        width = getattr(self.pool, 'out_channels', in_channels)
        num_parts = getattr(self.pool, 'out_parts', 1)
        self.num_test_parts = getattr(self.pool, 'num_test_parts', num_parts)
        self.test_parts = None if test_parts is None else list(test_parts)
        self._check(num_parts, channels, bn_neck, alignment_loss)

        self.reduction = None
        if channels is not None:
            unit = dict(type='PartUnit', num_parts=num_parts, in_channels=width)
            self.reduction = MODELS.build(dict(unit, out_channels=channels))
        width = channels or width
        self.bn_neck = nn.BatchNorm1d(num_parts * width) if bn_neck else None
        self.classifier = None
        self.lacks_classifier = bool(id_loss or alignment_loss)
        if self.lacks_classifier and num_classes is not None:
            self.lacks_classifier = False
            self.classifier = MODELS.build(
                dict(
                    type='PartLinear',
                    num_parts=num_parts,
                    in_channels=width,
                    out_channels=num_classes,
                    bias=not bn_neck,
                    std=0.001,
                )
            )
        self.id_loss = MODELS.build(id_loss) if id_loss else None
        self.metric_loss = MODELS.build(metric_loss) if metric_loss else None
        self.alignment_loss = MODELS.build(alignment_loss) if alignment_loss else None

    def _check(
        self,
        num_parts: int,
        channels: int | None,
        bn_neck: bool,
        alignment_loss: Config | None,
    ) -> None:
        """Refuse options that contradict each other."""
        check_choice('part_reduction', self.part_reduction, ('sum', 'mean'))
        check_choice('test', self.test, ('pooled', 'feat', 'bn_feat', None))
        if self.test == 'bn_feat' and not bn_neck:
            raise ValueError(
                "test='bn_feat' needs the BN neck; set bn_neck=True or test='feat'."
            )
        if alignment_loss and (num_parts != 1 or channels or bn_neck):
            raise ValueError(
                "alignment_loss applies the classifier's weight to the map, so the "
                'branch needs a pool of one part, channels=None and bn_neck=False; '
                f'got {num_parts} parts, channels={channels}, bn_neck={bn_neck}.'
            )
        if self.num_test_parts != num_parts and (channels or bn_neck):
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
        if not -len(feats) <= self.in_index < len(feats):
            raise ValueError(
                f'in_index must be one of the {len(feats)} maps that the backbone '
                f'returns, counted from 0; got {self.in_index}.'
            )
        x = feats[self.in_index]
        if x.ndim == 2:  # a vector, such as a ViT's class token: a map of one position
            x = x[:, :, None, None]
        if x.ndim != 4:
            raise ValueError(
                'The backbone must return maps (N, C, H, W) or vectors (N, C), got '
                f"{tuple(x.shape)}; for mmpretrain's VisionTransformer set "
                "model.backbone.out_type='featmap' or 'cls_token'."
            )
        if x.shape[1] != self.in_channels:
            raise ValueError(
                f"in_channels must be the map's, {x.shape[1]}; got "
                f'{self.in_channels}. Set model.head.in_channels.'
            )
        return x

    def vectors(self, feats: Sequence[Tensor]) -> Tensor:
        """Compute the part vectors that retrieval compares, ``(N, P, D)``."""
        if self.test is None:
            raise ValueError('A branch with test=None has no vectors to compare.')
        # Nothing behind the pool is computed where only that is compared.
        pooled_only = self.test == 'pooled'
        parts = self._pooled(feats)[1] if pooled_only else self(feats)[self.test]
        parts = parts[:, : self.num_test_parts]
        return parts if self.test_parts is None else parts[:, self.test_parts]

    def loss(self, feats: Sequence[Tensor], labels: Tensor) -> dict[str, Tensor]:
        """Compute the branch's losses.

        Args:
            feats (Sequence[Tensor]): The backbone's maps.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            dict[str, Tensor]: Scalars under the names of the losses that are set.

        Raises:
            ValueError: If a loss needs a classifier and ``num_classes`` is None.
        """
        if self.lacks_classifier:
            raise ValueError(
                'num_classes must be the number of training identities to compute '
                'id_loss or alignment_loss, got None; set model.head.num_classes, or '
                'train with tools/train.py, which counts them.'
            )
        out = self(feats)
        losses = {}
        if self.id_loss is not None:
            scores = self.classifier(out['bn_feat'])
            losses['id_loss'] = self._over_parts(self.id_loss, scores, labels)
        if self.metric_loss is not None:
            compared = out['feat'][:, : self.num_test_parts]
            losses['metric_loss'] = self._over_parts(self.metric_loss, compared, labels)
        if self.alignment_loss is not None:
            losses['alignment_loss'] = self.alignment_loss(
                out['map'], self.classifier.weight[0], labels
            )
        return losses

    def _over_parts(self, loss: nn.Module, parts: Tensor, labels: Tensor) -> Tensor:
        """Sum or average a loss over the parts of ``(N, P, D)``."""
        values = torch.stack([loss(part, labels) for part in parts.unbind(1)])
        return values.sum() if self.part_reduction == 'sum' else values.mean()
