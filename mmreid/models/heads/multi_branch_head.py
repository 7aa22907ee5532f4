"""A dictionary of named branches."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.building import Config, Widths, build_loss
from mmreid.registry import MODELS

Normalize = Literal['none', 'whole', 'branch', 'part']


@MODELS.register_module()
class MultiBranchHead(BaseModule):
    """Named branches, each with its own vectors and losses.

    Args:
        in_channels (int | Sequence[int], optional): Channels of the backbone's maps:
            of all alike or of each. ``PersonReID`` fills them in from a backbone that
            tells ``out_channels``, so that a config leaves them out. Defaults to None.
        num_classes (int, optional): Number of training identities. None builds no
            classifiers: such a head embeds as any other, and its ``loss`` is an error
            where one is needed. A config may leave the number out: see
            :func:`mmreid.engine.fill_num_classes`. Defaults to None.
        branches (Mapping[str, dict]): Arguments of one :class:`Branch` by its name.
            The test vectors are concatenated in this order. None in place of the
            arguments leaves an inherited branch out. Defaults to none, an error.
        normalize (str): Scale to unit length ``'whole'`` embeddings, every
            ``'branch'``, every ``'part'``, or ``'none'``. Defaults to ``'none'``.
        order (str): ``'part'``: part after part. ``'channel'``: channel after channel,
            in each of which all parts stand side by side, as torchreid's PCB and
            LightMBN lay their vectors out; the parts need one width. Distances are
            the same. Defaults to ``'part'``.
        embedding_loss (dict, optional): Loss on (whole embedding ``(N, D)``, labels),
            named ``embedding_loss`` in the log. Defaults to None.
        init_cfg (dict, optional): As in mmengine. Defaults to None.
        **defaults (Any): What a branch does not say itself, see :class:`Branch`.

    Raises:
        ValueError: If no branch is compared at test time, ``normalize`` is unknown,
            nobody tells ``in_channels``, or parts of several widths are to be ordered
            by channel.
    """

    branches: Any  # nn.ModuleDict, whose values torch does not type as our branches

    def __init__(
        self,
        in_channels: Widths = None,
        num_classes: int | None = None,
        branches: Mapping[str, Mapping[str, Any] | None] = MappingProxyType({}),
        normalize: Normalize = 'none',
        order: Literal['part', 'channel'] = 'part',
        embedding_loss: Config | None = None,
        init_cfg: dict | None = None,
        **defaults: Any,
    ) -> None:
        super().__init__(init_cfg)
        check_choice('normalize', normalize, get_args(Normalize))
        check_choice('order', order, ('part', 'channel'))
        self.normalize, self.order = normalize, order
        self.num_classes = num_classes
        shared = dict(
            type='Branch', in_channels=in_channels, num_classes=num_classes, **defaults
        )
        self.branches = nn.ModuleDict(
            {
                name: MODELS.build({**shared, **own})
                for name, own in branches.items()
                if own is not None
            }
        )
        if all(branch.test is None for branch in self.branches.values()):
            raise ValueError(
                'At least one branch must be compared at test time, got '
                f"{list(self.branches)}, all with test=None; set test='feat' on one."
            )
        self._check_order()
        width = sum(branch.test_channels for branch in self.branches.values())
        self.embedding_loss = build_loss(embedding_loss, width, num_classes)
        self._lacks_loss = bool(embedding_loss) and self.embedding_loss is None

    def _check_order(self) -> None:
        """Refuse vectors that have no channels in common."""
        if self.order == 'part':
            return
        tested = [branch for branch in self.branches.values() if branch.test]
        widths = {branch.part_channels for branch in tested}
        if len(widths) > 1 or self.normalize == 'branch':
            raise ValueError(
                "order='channel' needs parts of one width and no normalize='branch', "
                f'got widths {sorted(widths)} and normalize={self.normalize!r}; set '
                "order='part'."
            )

    @property
    def lacks_classifiers(self) -> bool:
        """Whether a loss needs a classifier that ``num_classes=None`` left out."""
        return self._lacks_loss or any(
            branch.lacks_classifier for branch in self.branches.values()
        )

    def vectors(self, feats: Sequence[Tensor]) -> list[Tensor]:
        """Compute each tested branch's part vectors, unscaled.

        Args:
            feats (Sequence[Tensor]): The backbone's maps.

        Returns:
            list[Tensor]: ``(N, P, D)`` of each branch that is compared at test time.
        """
        tested = [b for b in self.branches.values() if b.test is not None]
        return [branch.vectors(feats) for branch in tested]

    def join(self, vectors: Sequence[Tensor]) -> Tensor:
        """Scale as ``normalize`` says and concatenate to embeddings ``(N, D)``."""
        if self.normalize == 'part':
            vectors = [F.normalize(parts, dim=2) for parts in vectors]
        if self.order == 'channel':
            vectors = [torch.cat([*vectors], 1).transpose(1, 2)]
        rows = [parts.flatten(1) for parts in vectors]
        if self.normalize == 'branch':
            rows = [F.normalize(row) for row in rows]
        whole = torch.cat(rows, 1)
        return F.normalize(whole) if self.normalize == 'whole' else whole

    def forward(self, feats: Sequence[Tensor]) -> Tensor:
        """Map the backbone's maps to embeddings ``(N, D)``."""
        return self.join(self.vectors(feats))

    def loss(
        self, feats: Sequence[Tensor], data_samples: Sequence[DataSample]
    ) -> dict[str, Tensor]:
        """Compute every branch's losses.

        Args:
            feats (Sequence[Tensor]): The backbone's maps.
            data_samples (Sequence[DataSample]): With ``gt_label`` in
                [0, num_classes).

        Returns:
            dict[str, Tensor]: Scalars named ``'{branch}.{loss}'``, then
            ``'embedding_loss'``.

        Raises:
            ValueError: If a label on the CPU lies outside the classes, or a loss needs
                a classifier and ``num_classes`` is None.
        """
        labels = torch.cat([sample.gt_label for sample in data_samples])
        if labels.device.type == 'cpu':  # elsewhere it would wait for the device
            self._check_labels(labels)
        return self.losses_of(feats, labels.to(feats[0].device))

    def losses_of(self, feats: Sequence[Tensor], labels: Tensor) -> dict[str, Tensor]:
        """Compute every branch's losses, whatever the labels.

        Args:
            feats (Sequence[Tensor]): The backbone's maps.
            labels (Tensor): Identities ``(N,)`` in [0, num_classes), on their device.

        Returns:
            dict[str, Tensor]: As of :meth:`loss`.

        Raises:
            ValueError: If a loss needs a classifier and ``num_classes`` is None.
        """
        losses, tested = {}, []
        for name, branch in self.branches.items():
            out = branch(feats)
            for key, value in branch.losses_of(out, labels).items():
                losses[f'{name}.{key}'] = value
            if self.embedding_loss is not None and branch.test is not None:
                tested.append(branch.compared(out))
        if self.embedding_loss is not None:
            losses['embedding_loss'] = self.embedding_loss(self.join(tested), labels)
        return losses

    def _check_labels(self, labels: Tensor) -> None:
        """Explain what cross-entropy would report as an index error."""
        low, high = int(labels.min()), int(labels.max())
        if self.num_classes is None:
            return
        if low < 0 or high >= self.num_classes:
            raise ValueError(
                f'labels must lie in [0, num_classes={self.num_classes}), got {low} '
                f'to {high}; set model.head.num_classes to the number of training '
                'identities.'
            )
