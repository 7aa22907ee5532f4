"""Several pools of one map."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmreid.models.building import Config, build_told, configs_of
from mmreid.registry import MODELS


@MODELS.register_module()
class ParallelPool(nn.Module):
    """Pool a map in several ways side by side.

    The part vectors follow each other in the order of the pools. Branches would have a
    stage each; here all pools see the map that one stage has made.

    Args:
        in_channels (int): Channels of the map.
        pools (Sequence[dict | Sequence[dict]]): Config of each pool, or a list of
            map -> map layers that ends in one.

    Raises:
        ValueError: If there is no pool, or their vectors have several widths.
    """

    def __init__(
        self, in_channels: int, pools: Sequence[Config | Sequence[Config]]
    ) -> None:
        super().__init__()
        chains = [self._build(cfg, in_channels) for cfg in pools]
        self.pools = nn.ModuleList(chains)
        last = [chain[-1] for chain in chains if len(chain)]
        widths = {getattr(pool, 'out_channels', in_channels) for pool in last}
        if len(widths) != 1 or len(last) != len(chains):
            raise ValueError(
                'pools must be one or several whose vectors have one width, got '
                f'{len(last)} with the widths {sorted(widths)}; use a branch for each.'
            )
        self.out_channels = widths.pop()
        self.out_parts = sum(getattr(pool, 'out_parts', 1) for pool in last)

    @staticmethod
    def _build(cfg: Config | Sequence[Config], in_channels: int) -> nn.Sequential:
        """Build a pool and what stands before it."""
        chain = configs_of('pools', cfg)
        return nn.Sequential(*(build_told(c, in_channels=in_channels) for c in chain))

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, P, C)``."""
        return torch.cat([pool(x) for pool in self.pools], 1)
