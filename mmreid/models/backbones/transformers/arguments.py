"""Arguments of a vision transformer that have no meaning."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmreid.arguments import check_choice

ARCH_KEYS = ('embed_dims', 'num_layers', 'num_heads', 'feedforward_channels')


def check_architecture(
    arch: Any, names: Iterable[str], size: Sequence[int], patch_size: int, stride: int
) -> None:
    """Refuse a network or a grid of patches that cannot be.

    Args:
        arch (str | Mapping): The network, by name or by its numbers.
        names (Iterable[str]): What networks are called.
        size (Sequence[int]): Height and width of the pictures.
        patch_size (int): Side of a patch.
        stride (int): Step from patch to patch.

    Raises:
        ValueError: It cannot be.
    """
    if isinstance(arch, str):
        check_choice('arch', arch.lower(), sorted(names))
    elif not isinstance(arch, Mapping) or not set(ARCH_KEYS) <= set(arch):
        raise ValueError(
            f'arch must be a name or a dict of {", ".join(ARCH_KEYS)}, got {arch!r}.'
        )
    if len(size) != 2 or min(size) < patch_size or patch_size < 1:
        raise ValueError(
            'img_size must be (height, width), neither below patch_size='
            f'{patch_size}, got {tuple(size)}.'
        )
    if not 1 <= stride <= patch_size:
        raise ValueError(
            f'stride must lie in [1, patch_size={patch_size}], else pixels between '
            f'the patches are not seen; got {stride}.'
        )


def check_additions(stem: str, jigsaw: Mapping | None, num_part_tokens: int) -> None:
    """Refuse additions to a network that do not go together.

    Args:
        stem (str): Kind of stem.
        jigsaw (Mapping, optional): Arguments of the jigsaw.
        num_part_tokens (int): Number of part tokens.

    Raises:
        ValueError: They do not.
    """
    check_choice('stem', stem, ('conv', 'ics'))
    if num_part_tokens < 0:
        raise ValueError(f'num_part_tokens must be at least 0, got {num_part_tokens}.')
    if num_part_tokens and jigsaw is not None:
        raise ValueError(
            'jigsaw shuffles patches behind one class token; take it or '
            f'num_part_tokens, got {num_part_tokens}.'
        )


def check_options(others: Mapping[str, Any]) -> None:
    """Refuse options of mmpretrain's network that have no meaning here.

    Args:
        others (Mapping[str, Any]): What it is given.

    Raises:
        ValueError: One has none.
    """
    for name in ('with_cls_token', 'final_norm'):
        if not others.get(name, True):
            raise ValueError(
                f'{name} must be True: the class token is a map, normed as the others; '
                'got False.'
            )
    if 'out_type' in others:
        raise ValueError(
            'out_type is no option here: tokens and class token are both returned, got '
            f'{others["out_type"]!r}; choose one by in_index of a branch.'
        )
    if outside := {'stride', 'padding'} & {*others.get('patch_cfg', {})}:
        raise ValueError(
            f'patch_cfg must not have {min(outside)}; set stride of the network, which '
            'pads nothing.'
        )


def find_layers(out_indices: Any, num_layers: int) -> list[int]:
    """Count layers from the first.

    Args:
        out_indices (int | Sequence[int]): One or several layers; negative ones are
            counted from the last.
        num_layers (int): How many there are.

    Returns:
        list[int]: The layers in their order, each once.

    Raises:
        ValueError: There is no such layer, or none is named.
    """
    named = [out_indices] if isinstance(out_indices, int) else out_indices
    known = range(-num_layers, num_layers)
    is_list = isinstance(named, Sequence) and len(named) > 0
    if not is_list or not all(index in known for index in named):
        raise ValueError(
            'out_indices must name at least one layer, all from 0 to '
            f'{num_layers - 1}, or from the last by -1 and so on; got {out_indices!r}.'
        )
    return sorted({index % num_layers for index in named})


def check_picture_size(size: tuple[int, ...], img_size: tuple[int, ...]) -> None:
    """Refuse pictures for which a network has no positions.

    Args:
        size (tuple[int, ...]): Height and width of the pictures.
        img_size (tuple[int, ...]): Those that the network was built for.

    Raises:
        ValueError: They differ.
    """
    if size != img_size:
        raise ValueError(
            f'Pictures must have the size img_size={img_size}, for which there are '
            f'positions, got {size}; set model.backbone.img_size, or the size in the '
            'pipelines.'
        )
