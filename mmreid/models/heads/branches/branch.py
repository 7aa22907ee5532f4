"""One row of a paper's figure: a map becomes embeddings, each with its losses."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.building import (
    Config,
    Widths,
    build_loss,
    build_told,
    configs_of,
    own_sizes,
)
from mmreid.models.heads.branches.vectors import BranchVectors
from mmreid.registry import MODELS


@MODELS.register_module()
class Branch(BranchVectors):
    """Stage (map -> map), pool (map -> parts), then P embeddings with their losses.

    An embedding is *pooled* -> reduction -> *feat* -> BN neck -> *bn_feat* ->
    classifier -> scores. Every part has its own weights. Without a reduction feat is
    pooled; without a BN neck scores come from feat.

    A loss with weights of its own, one whose constructor cannot do without
    ``in_channels`` or ``num_classes`` (:class:`CenterLoss`), is told them. No embedding
    needs these weights or the classifier.

    Args:
        in_channels (int | Sequence[int], optional): Channels of the backbone's maps:
            of all alike or of each.
        num_classes (int, optional): Number of training identities; None for neither a
            classifier nor losses that ask for it, with which nothing is trained.
        pool (dict): Config of the pool, see :class:`BranchVectors`.
        classifier (dict): Config of the layer ``(N, P, D) -> (N, P, num_classes)``:
            ``dict(type='PartLinear')``, or ``dict(type='CosineClassifier')`` for
            cosines, which margin losses take. It exists where a loss asks for it.
            Defaults to ``dict(type='PartLinear')``.
        id_loss (dict, optional): Loss on (scores, labels). Defaults to None.
        metric_loss (dict | Sequence[dict], optional): One or several losses on
            (vectors, labels), named ``metric_loss``, ``metric_loss_1``, ... in the log.
            Defaults to None.
        metric_over (str): What the metric losses see: each of the ``'parts'``, or the
            parts' vectors ``'joined'`` to one. Defaults to ``'parts'``.
        metric_vectors (str): Which vectors those are: ``'feat'``, or ``'bn_feat'``,
            behind the neck (fast-reid's SBS). Defaults to ``'feat'``.
        alignment_loss (dict, optional): Loss on (map, classifier weight, labels);
            needs one part, ``channels=None``, ``bn_neck=False`` and the default
            classifier, since it applies that to the map. Defaults to None.
        part_reduction (str): ``'sum'`` or ``'mean'`` of the parts' losses.
            Defaults to ``'sum'``.
        **vectors (Any): How the vectors are made and which are compared, see
            :class:`BranchVectors`: ``stage``, ``in_index``, ``channels``,
            ``reduction``, ``bn_neck``, ``neck_bias``, ``test``, ``test_parts`` and
            ``test_scale``.

    Raises:
        ValueError: If the options contradict each other; in ``forward``, if the
            backbone's maps are not what they say.
    """

    # None where there is none; torch does not type what a module is given by name.
    classifier: Any
    id_loss: Any
    metric_loss: Any
    alignment_loss: Any

    def __init__(
        self,
        in_channels: Widths,
        num_classes: int | None,
        pool: Config,
        classifier: Config | None = None,
        id_loss: Config | None = None,
        metric_loss: Config | Sequence[Config] | None = None,
        metric_over: Literal['parts', 'joined'] = 'parts',
        metric_vectors: Literal['feat', 'bn_feat'] = 'feat',
        alignment_loss: Config | None = None,
        part_reduction: Literal['sum', 'mean'] = 'sum',
        **vectors: Any,
    ) -> None:
        super().__init__(in_channels, pool, **vectors)
        self.part_reduction = part_reduction
        self.metric_over = metric_over
        self.metric_vectors = metric_vectors
        metrics = configs_of('metric_loss', metric_loss)
        self.metric_names = [
            f'metric_loss_{i}' if i else 'metric_loss' for i in range(len(metrics))
        ]
        classifier = classifier or dict(type='PartLinear')
        self._check_losses(metrics)
        self._check_alignment(alignment_loss, classifier)

        self.classifier = None
        has_scores = bool(id_loss or alignment_loss)
        if has_scores and num_classes is not None:
            self.classifier = self._classifier(classifier, num_classes)
        cfgs = dict(id_loss=id_loss, metric_loss=None, alignment_loss=alignment_loss)
        cfgs |= zip(self.metric_names, metrics, strict=True)
        for name, cfg in cfgs.items():
            joined = name in self.metric_names and metric_over == 'joined'
            width = self.channels * (self.num_test_parts if joined else 1)
            setattr(self, name, build_loss(cfg, width, num_classes))
        self._check_scores()
        self.lacks_classifier = (has_scores and self.classifier is None) or any(
            cfg and getattr(self, name) is None for name, cfg in cfgs.items()
        )

    def _check_losses(self, metrics: Sequence[Config]) -> None:
        """Refuse losses that contradict the parts."""
        check_choice('part_reduction', self.part_reduction, ('sum', 'mean'))
        check_choice('metric_over', self.metric_over, ('parts', 'joined'))
        check_choice('metric_vectors', self.metric_vectors, ('feat', 'bn_feat'))
        if self.metric_vectors == 'bn_feat' and self.bn_neck is None:
            raise ValueError(
                "metric_vectors='bn_feat' needs the BN neck; set bn_neck=True or "
                "metric_vectors='feat'."
            )
        over_parts = self.metric_over == 'parts' and self.num_test_parts > 1
        for cfg in metrics if over_parts else ():
            if asked := [name for name in own_sizes(cfg) if name not in cfg]:
                raise ValueError(
                    f'metric_loss {cfg["type"]} has weights of its own, made by '
                    f'{" and ".join(asked)}, which {self.num_test_parts} parts would '
                    "share; set metric_over='joined', or a branch for each part."
                )

    def _check_alignment(
        self, alignment_loss: Config | None, classifier: Config
    ) -> None:
        """Refuse an alignment of maps that the classifier does not apply to."""
        if not alignment_loss:
            return
        channels = None if self.reduction is None else self.channels
        bn_neck = self.bn_neck is not None
        if self.num_parts != 1 or channels or bn_neck:
            raise ValueError(
                "alignment_loss applies the classifier's weight to the map, so the "
                'branch needs a pool of one part, channels=None and bn_neck=False; '
                f'got {self.num_parts} parts, channels={channels}, bn_neck={bn_neck}.'
            )
        if classifier['type'] != 'PartLinear':
            raise ValueError(
                "alignment_loss applies the classifier's weight to the map, which only "
                f"classifier=dict(type='PartLinear') means; got {classifier['type']!r}."
            )

    def _check_scores(self) -> None:
        """Refuse scores that the loss on them does not mean."""
        needs_cosines = getattr(self.id_loss, 'needs_cosines', False)
        gives_cosines = getattr(self.classifier, 'gives_cosines', False)
        if needs_cosines and self.classifier is not None and not gives_cosines:
            raise ValueError(
                f'id_loss {type(self.id_loss).__name__} needs cosines, got the scores '
                f'of {type(self.classifier).__name__}; set '
                "classifier=dict(type='CosineClassifier')."
            )

    def _classifier(self, cfg: Config, num_classes: int) -> nn.Module:
        """Build the layer of the scores; it has no bias behind a neck."""
        return build_told(
            cfg,
            num_parts=self.num_parts,
            in_channels=self.channels,
            out_channels=num_classes,
            bias=self.bn_neck is None,
            std=0.001,
        )

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
        return self.losses_of(self(feats), labels)

    def losses_of(self, out: dict[str, Tensor], labels: Tensor) -> dict[str, Tensor]:
        """Compute the losses of vectors.

        Args:
            out (dict[str, Tensor]): What ``forward`` returned.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            dict[str, Tensor]: Scalars under the names of the losses that are set.

        Raises:
            ValueError: If a loss needs a classifier and ``num_classes`` is None.
        """
        if self.lacks_classifier:
            raise ValueError(
                'num_classes must be the number of training identities to compute '
                'id_loss, alignment_loss or a loss with weights of its own, got None; '
                'set model.head.num_classes, or train with tools/train.py, which '
                'counts them.'
            )
        losses = {}
        if self.id_loss is not None:
            scores = self.classifier(out['bn_feat'])
            losses['id_loss'] = self._over_parts(self.id_loss, scores, labels)
        compared = out[self.metric_vectors][:, : self.num_test_parts]
        if self.metric_over == 'joined':
            compared = compared.flatten(1)[:, None]
        for name in self.metric_names:
            metric_loss = getattr(self, name)
            losses[name] = self._over_parts(metric_loss, compared, labels)
        if self.alignment_loss is not None:
            losses['alignment_loss'] = self.alignment_loss(
                out['map'], self.classifier.weight[0], labels
            )
        return losses

    def _over_parts(self, loss: nn.Module, parts: Tensor, labels: Tensor) -> Tensor:
        """Sum or average a loss over the parts of ``(N, P, D)``."""
        values = torch.stack([loss(part, labels) for part in parts.unbind(1)])
        return values.sum() if self.part_reduction == 'sum' else values.mean()
