"""Parameter groups by the prefix of the parameters' names."""

from collections.abc import Iterator
from typing import Any

from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from mmreid.registry import OPTIM_WRAPPER_CONSTRUCTORS

_NORMS = (_NormBase, nn.GroupNorm, nn.LayerNorm)
_REST = 'rest'


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class PrefixOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """Makes one named group of parameters per prefix, and one of the rest.

    Example::

        optim_wrapper = dict(
            optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=5e-4),
            constructor='PrefixOptimWrapperConstructor',
            paramwise_cfg=dict(prefixes=dict(backbone=dict(lr_mult=0.1))))

    gives the groups ``'backbone'`` (learning rate 0.01) and ``'rest'`` (0.1), under the
    key ``'group_name'`` of ``param_groups``; schedulers such as ``GroupMultiStepLR``
    find them by that name. A prefix covers the parameter of its name and everything
    below it (``'backbone'`` covers ``backbone.conv1.weight``, not ``backbone2.bias``);
    of several that fit, the longest counts. Every trainable parameter is in exactly one
    group, shared ones under their first name. Where ``norm_decay_mult``,
    ``bias_decay_mult`` or ``bias_lr_mult`` is given, a name has one group per weight
    decay and learning rate.

    Args:
        optim_wrapper_cfg (dict): As of mmengine's constructor.
        paramwise_cfg (dict | None): Required. ``prefixes`` (dict): prefix -> dict with
            ``lr_mult`` and/or ``decay_mult``, both 1 by default; ``norm_decay_mult``
            (float): factor on the weight decay of normalisation layers, 1 by default;
            ``bias_decay_mult`` (float): the same for the biases of other layers;
            ``bias_lr_mult`` (float): factor on the learning rate of all biases, those
            of normalisation layers too, as TransReID and its heirs set it. With the
            last, ``prefixes`` may be left out.

    Raises:
        ValueError: A key is unknown, a prefix fits no trainable parameter, or the
            optimizer has no ``lr``.
    """

    def __init__(
        self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None
    ) -> None:
        super().__init__(optim_wrapper_cfg, paramwise_cfg)
        prefixes = self.paramwise_cfg.setdefault('prefixes', {})
        without = not prefixes and 'bias_lr_mult' not in self.paramwise_cfg
        if without or _REST in prefixes:
            raise ValueError(
                'paramwise_cfg must have `prefixes`, a dict with names other than '
                f"'{_REST}', got {prefixes!r}; without groups, leave `constructor` out."
            )
        mults = {'norm_decay_mult', 'bias_decay_mult', 'bias_lr_mult'}
        _check_keys(self.paramwise_cfg, {'prefixes', *mults})
        for settings in prefixes.values():
            _check_keys(settings, {'lr_mult', 'decay_mult'})
        if self.base_lr is None:
            raise ValueError('The optimizer must have an `lr` for lr_mult to multiply.')

    def add_params(
        self, params: list[dict], module: nn.Module, *args: Any, **kwargs: Any
    ) -> None:
        """Sort the parameters of a model into groups.

        Args:
            params (list[dict]): The groups; filled here.
            module (nn.Module): The model.
            *args (Any): Not used; for the parent's signature.
            **kwargs (Any): Not used.
        """
        groups: dict[tuple, dict] = {}
        for name, parameter, decay_mult in self._trainable(module):
            prefix = self._prefix_of(name)
            group = self._new_group(prefix, decay_mult)
            if name.rpartition('.')[2] == 'bias':
                group['lr'] *= self.paramwise_cfg.get('bias_lr_mult', 1.0)
            key = (prefix, group.get('weight_decay'), group['lr'])
            groups.setdefault(key, group)['params'].append(parameter)
        unused = set(self.paramwise_cfg['prefixes']) - {prefix for prefix, *_ in groups}
        if unused:
            children = [name for name, _ in module.named_children()]
            raise ValueError(
                f'Prefixes {sorted(unused)} fit no trainable parameter; '
                f'the parts of the model are {children}. Correct or remove them.'
            )
        params.extend(groups.values())

    def _trainable(self, model: nn.Module) -> Iterator[tuple[str, nn.Parameter, float]]:
        """Yield each trainable parameter once: name, itself, factor on the decay."""
        seen: set[nn.Parameter] = set()
        for path, module in model.named_modules():
            for name, parameter in module.named_parameters(path, recurse=False):
                if parameter.requires_grad and parameter not in seen:
                    seen.add(parameter)
                    yield name, parameter, self._decay_mult(module, name)

    def _decay_mult(self, module: nn.Module, name: str) -> float:
        if isinstance(module, _NORMS):
            return self.paramwise_cfg.get('norm_decay_mult', 1.0)
        if name.rpartition('.')[2] == 'bias':
            return self.paramwise_cfg.get('bias_decay_mult', 1.0)
        return 1.0

    def _prefix_of(self, name: str) -> str:
        fitting = [
            p for p in self.paramwise_cfg['prefixes'] if f'{name}.'.startswith(f'{p}.')
        ]
        return max(fitting, key=len, default=_REST)

    def _new_group(self, prefix: str, decay_mult: float) -> dict:
        settings = self.paramwise_cfg['prefixes'].get(prefix, {})
        lr = self.base_lr * settings.get('lr_mult', 1.0)
        group = dict(params=[], group_name=prefix, lr=lr)
        if self.base_wd is not None:
            group['weight_decay'] = (
                self.base_wd * decay_mult * settings.get('decay_mult', 1.0)
            )
        return group


def _check_keys(settings: dict, known: set[str]) -> None:
    if unknown := set(settings) - known:
        raise ValueError(
            f'Unknown keys {sorted(unknown)} in paramwise_cfg; known: {sorted(known)}.'
        )
