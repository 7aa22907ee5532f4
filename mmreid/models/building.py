"""Bricks and losses whose widths come from where they stand, not from the config."""

import inspect
from collections.abc import Sequence
from typing import Any

from torch import nn

from mmreid.registry import MODELS

Config = dict[str, Any]
Widths = int | Sequence[int] | None


def parameters_of(cfg: Config) -> dict[str, inspect.Parameter]:
    """List what a constructor takes.

    Args:
        cfg (dict): Config with a ``type``; an unknown one has no parameters here and
            is refused when it is built.

    Returns:
        dict[str, inspect.Parameter]: By name.
    """
    kind = cfg.get('type')
    brick = MODELS.get(kind) if isinstance(kind, str) else kind
    return dict(inspect.signature(brick).parameters) if brick else {}


def build_told(cfg: Config, **facts: Any) -> nn.Module:
    """Build a brick; tell it what its constructor takes and its config does not say.

    Args:
        cfg (dict): Config of the brick.
        **facts (Any): What is known where it stands, such as ``in_channels``.

    Returns:
        nn.Module: The brick.
    """
    taken = parameters_of(cfg)
    told = {name: fact for name, fact in facts.items() if name in taken}
    return MODELS.build({**told, **cfg})


def build_loss(
    cfg: Config | None, in_channels: int, num_classes: int | None
) -> nn.Module | None:
    """Build a loss; tell the sizes of its own weights to one that demands them.

    Args:
        cfg (dict, optional): Config of the loss. One whose constructor cannot do
            without ``in_channels`` or ``num_classes`` has weights of its own.
        in_channels (int): Width of the vectors that it sees.
        num_classes (int, optional): Number of training identities.

    Returns:
        nn.Module | None: The loss; None for none, and for one that needs the number of
        identities where that is None.
    """
    if not cfg:
        return None
    told = {
        name: dict(in_channels=in_channels, num_classes=num_classes)[name]
        for name in own_sizes(cfg)
        if name not in cfg
    }
    if told.get('num_classes', 0) is None:
        return None
    return MODELS.build({**told, **cfg})


def own_sizes(cfg: Config) -> list[str]:
    """Name the sizes that a constructor cannot do without.

    Args:
        cfg (dict): Config of a loss.

    Returns:
        list[str]: Of ``'in_channels'`` and ``'num_classes'`` those without a default;
        none where the loss has no weights of its own.
    """
    taken = parameters_of(cfg)
    return [
        name
        for name in ('in_channels', 'num_classes')
        if name in taken and taken[name].default is inspect.Parameter.empty
    ]


def configs_of(name: str, given: Config | Sequence[Config] | None) -> list[Config]:
    """List what may be one config, several or none.

    Args:
        name (str): What the argument is called.
        given (dict | Sequence[dict], optional): What was given.

    Returns:
        list[dict]: The configs.

    Raises:
        ValueError: It is no config.
    """
    cfgs = [given] if isinstance(given, dict) else given or []
    if not isinstance(cfgs, Sequence) or not all(isinstance(c, dict) for c in cfgs):
        raise ValueError(f'{name} must be a dict or a list of dicts, got {given!r}.')
    return [*cfgs]


def width_at(in_channels: Widths, in_index: int) -> int:
    """Choose the channels of one of a backbone's maps.

    Args:
        in_channels (int | Sequence[int], optional): Channels of all maps, or of each.
        in_index (int): Which map.

    Returns:
        int: Its channels.

    Raises:
        ValueError: Nobody tells the channels, or there is no such map.
    """
    if in_channels is None:
        raise ValueError(
            "in_channels must be the channels of the backbone's maps, got None, and "
            'the backbone does not tell them; set model.head.in_channels, or give the '
            "backbone's class out_channels, a tuple with the channels of each map."
        )
    if isinstance(in_channels, int):
        return in_channels
    check_index(in_index, len(in_channels))
    return in_channels[in_index]


def check_index(in_index: int, num_maps: int) -> None:
    """Refuse a map that there is not.

    Args:
        in_index (int): Which map, negative from the last.
        num_maps (int): How many the backbone returns.

    Raises:
        ValueError: There are not so many.
    """
    if not -num_maps <= in_index < num_maps:
        raise ValueError(
            f'in_index must be one of the {num_maps} maps that the backbone returns, '
            f'counted from 0; got {in_index}.'
        )
