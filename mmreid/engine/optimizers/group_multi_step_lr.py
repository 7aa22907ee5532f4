"""Learning rates that decay for some parameter groups only."""

from collections.abc import Sequence
from typing import Any

from mmengine.optim import MultiStepLR

from mmreid.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class GroupMultiStepLR(MultiStepLR):
    """mmengine's ``MultiStepLR`` for the parameter groups of the given names.

    AANet, for example, decays the trunk alone. The groups' names come from
    ``PrefixOptimWrapperConstructor``; those not named, and the base learning rate that
    is logged, stay as they are. It chains with other schedulers, such as a
    ``LinearLR`` warm-up, and takes ``convert_to_iter_based``.

    Args:
        optimizer (OptimWrapper | Optimizer): What is scheduled; the Runner gives it.
        groups (Sequence[str]): Names of the groups that decay.
        milestones (Sequence[int]): Epochs (iterations with ``by_epoch=False``) at
            which they are multiplied by ``gamma``.
        gamma (float): The factor. Defaults to 0.1.
        **kwargs (Any): ``begin``, ``end``, ``by_epoch``, ``last_step`` and
            ``verbose`` of ``MultiStepLR``.

    Raises:
        TypeError: ``groups`` is a single string.
        ValueError: ``groups`` is empty, or the optimizer has no such group.
    """

    def __init__(
        self,
        optimizer: Any,
        groups: Sequence[str],
        milestones: Sequence[int],
        gamma: float = 0.1,
        **kwargs: Any,
    ) -> None:
        if isinstance(groups, str):
            raise TypeError(f"groups must be a sequence of names, got '{groups}'.")
        self.groups = tuple(groups)
        known = {g.get('group_name') for g in optimizer.param_groups} - {None}
        if not self.groups or not known.issuperset(self.groups):
            raise ValueError(
                f'groups must be names of parameter groups, got {self.groups}; the '
                f'optimizer has {sorted(known)}. '
                "Name them with constructor='PrefixOptimWrapperConstructor'."
            )
        super().__init__(optimizer, milestones=milestones, gamma=gamma, **kwargs)

    def _get_value(self) -> list[float]:
        decayed = zip(self.optimizer.param_groups, super()._get_value(), strict=True)
        return [
            value if group.get('group_name') in self.groups else group[self.param_name]
            for group, value in decayed
        ]
