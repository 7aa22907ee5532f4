"""IANet's block of spatial and channel interaction-and-aggregation.

Paper: Interaction-and-Aggregation Network for Person Re-Identification, CVPR 2019,
section 3.3. The authors' code (https://github.com/blue-blue272/ImgReID-IAnet,
models/IA.py) was read for what it computes and the names of its weights; where it
differs, see ``variant``.
"""

from collections.abc import Sequence
from typing import Any, Literal

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.precision import widen
from mmreid.registry import MODELS

PARTS = ('sia', 'cia')
# What the authors call the normalisations.
RELEASED_NAMES = dict(W1='sia_norm', W2='cia_norm')


@MODELS.register_module()
class IABlock(BaseModule):
    """SIA and CIA, each as Y = BN(E) + F (3.3, Eq. 9); the identity at the start.

    A backbone plugin for ``position='after'``. Weights and biases of the
    normalisations are its only parameters, 4 C for both parts, and start at zero.

    Args:
        in_channels (int): Channels C of the map.
        sigma (Sequence[float]): Of :class:`SIA`. Defaults to (5, 10).
        parts (Sequence[str]): ``'sia'`` and ``'cia'`` in the order of execution, or
            one of them. Defaults to ('sia', 'cia').
        arrangement (str): ``'sequential'``: the second part reads what the first one
            made; ``'parallel'``: both read F, and F + BN(E) + BN'(E') is returned (the
            paper does not define it). Defaults to ``'sequential'``.
        variant (str): ``'paper'``; or ``'released'``, what the authors' code computes:
            K = 1 only, and dot products divided by sqrt(C). Weights of their block
            load in either. Defaults to ``'paper'``.
        **sia (Any): Further arguments of :class:`SIA`.

    Raises:
        ValueError: If an option has no meaning or contradicts the variant.
    """

    def __init__(
        self,
        in_channels: int,
        sigma: Sequence[float] = (5, 10),
        parts: Sequence[str] = PARTS,
        arrangement: Literal['sequential', 'parallel'] = 'sequential',
        variant: Literal['paper', 'released'] = 'paper',
        **sia: Any,
    ) -> None:
        super().__init__()
        if sorted(parts) not in (['sia'], ['cia'], ['cia', 'sia']):
            raise ValueError(
                f'parts must be {PARTS}, the reverse, or one of them; got {parts!r}.'
            )
        check_choice('arrangement', arrangement, ('sequential', 'parallel'))
        self.parts = tuple(parts)
        self.arrangement = arrangement
        # Built in any case: options of a part that is left out are checked too.
        cfgs = dict(
            sia=dict(type='SIA', sigma=sigma, **self._options_of(variant, sia)),
            cia=dict(type='CIA'),
        )
        for part, cfg in cfgs.items():
            used = part in parts
            module = MODELS.build(dict(cfg, in_channels=in_channels))
            self.add_module(part, module if used else None)
            norm = nn.BatchNorm2d(in_channels) if used else None
            self.add_module(f'{part}_norm', norm)
        self.init_weights()

    @staticmethod
    def _options_of(variant: str, sia: dict[str, Any]) -> dict[str, Any]:
        """Complete SIA's arguments by the variant's."""
        check_choice('variant', variant, ('paper', 'released'))
        if variant == 'paper':
            return sia
        if repeated := sorted(sia.keys() & {'contexts', 'scale'}):
            raise ValueError(
                "variant='released' stands for contexts=(1,), scale=True; leave "
                f"{repeated} out or take variant='paper'."
            )
        return dict(sia, contexts=(1,), scale=True)

    def init_weights(self) -> None:
        """Start as the identity."""
        for part in self.parts:
            for parameter in self.get_submodule(f'{part}_norm').parameters():
                nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Map F ``(N, C, H, W)`` to Y of the same shape."""
        source = y = widen(x)
        for part in self.parts:
            features = y if self.arrangement == 'sequential' else source
            y = y + self._change(part, features)
        return y.to(x.dtype)

    def relation_maps(self, x: Tensor) -> dict[str, Tensor]:
        """Compute the relation maps that ``forward(x)`` aggregates by.

        Args:
            x (Tensor): F ``(N, C, H, W)``.

        Returns:
            dict[str, Tensor]: Of the parts there are, ``'sia'``: S ``(N, M, M)`` with
            M = H * W, ``(1, M, M)`` where only the location counts; ``'cia'``: C
            ``(N, C, C)``.
        """
        maps = {}
        source = y = widen(x)
        for part in self.parts:
            features = y if self.arrangement == 'sequential' else source
            maps[part] = getattr(self, part).relation_map(features)
            y = y + self._change(part, features)
        return maps

    def _change(self, part: str, x: Tensor) -> Tensor:
        """BN(E) of a part, where BN computes in the precision of its weights."""
        norm = getattr(self, f'{part}_norm')
        return norm(getattr(self, part)(x).to(norm.weight.dtype))

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Take the authors' names for ours."""
        for theirs, ours in RELEASED_NAMES.items():
            start = f'{prefix}{theirs}.'
            for key in [key for key in state_dict if key.startswith(start)]:
                own = f'{prefix}{ours}.{key.removeprefix(start)}'
                state_dict[own] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args)
