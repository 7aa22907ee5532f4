"""What a config for ViT-B must change for another vision transformer."""

import re
from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.entries import UnknownLayoutError

# Pixels of a patch's side, in all networks that mmreid has configs for.
PATCH = 16
# Width, layers and inner width, by the name that mmpretrain gives them.
_ARCHITECTURES = {
    (768, 12, 3072): 'base',
    (384, 12, 1536): 'deit-small',
    (768, 8, 2304): 'small',  # of timm before 0.3, which TransReID calls ViT-S
    (192, 12, 768): 'deit-tiny',
    (1024, 24, 4096): 'large',
}
_SIZES = ((256, 128), (384, 128), (256, 256), (384, 192))
_STRIDES = (16, 12, 11, 14)


def has_stem(trunk: Mapping[str, Tensor]) -> bool:
    """Tell whether convolutions stand before the patches, see ``InstanceStem``.

    Args:
        trunk (Mapping[str, Tensor]): Its weights.
    """
    return 'patch_embed.conv.0.weight' in trunk


def options_of_architecture(trunk: Mapping[str, Tensor]) -> list[str]:
    """Say what a config for ViT-B must change for a trunk.

    Args:
        trunk (Mapping[str, Tensor]): Its weights, by our names.

    Returns:
        list[str]: For ``--cfg-options``.

    Raises:
        UnknownLayoutError: It is a transformer that no config can name.
    """
    layers = {
        match[1] for match in map(re.compile(r'layers\.(\d+)\.').match, trunk) if match
    }
    inner = trunk.get('layers.0.ffn.layers.0.0.weight')
    width = trunk['cls_token'].shape[2]
    size = (width, len(layers), 0 if inner is None else len(inner))
    lacks = '' if 'layers.0.attn.qkv.bias' in trunk else ' and no bias of queries'
    if size not in _ARCHITECTURES or lacks:
        raise UnknownLayoutError(
            f'It has {size[1]} layers of width {size[0]} with {size[2]} inside{lacks}; '
            "mmreid converts ViT-T, ViT-S (DeiT-S and timm's first), ViT-B and ViT-L."
        )
    name = _ARCHITECTURES[size]
    return [] if name == 'base' else [f'model.backbone.arch={name}']


def options_of_grid(num_patches: int) -> list[str]:
    """Tell the pictures' size and the step between patches from their number.

    Args:
        num_patches (int): Rows of the position table without other tokens.

    Returns:
        list[str]: For ``--cfg-options``, beyond pictures of 256 x 128 at step 16.

    Raises:
        UnknownLayoutError: No usual size has so many patches.
    """
    for height, width in _SIZES:
        for stride in _STRIDES:
            grid = [(side - PATCH) // stride + 1 for side in (height, width)]
            if grid[0] * grid[1] == num_patches:
                return _options_of_size(height, width, stride)
    sizes = ', '.join(f'{height} x {width}' for height, width in _SIZES)
    raise UnknownLayoutError(
        f'It has positions for {num_patches} patches, which no picture of {sizes} has '
        f'at a step of {", ".join(map(str, sorted(_STRIDES)))} pixels.'
    )


def _options_of_size(height: int, width: int, stride: int) -> list[str]:
    """Write a size of pictures and a step as options."""
    options = []
    if (height, width) != (256, 128):
        options.append(f'model.backbone.img_size={height},{width}')
        for loader in ('val', 'test'):
            scale = f'{loader}_dataloader.dataset.pipeline.1.scale'
            options.append(f'{scale}={width},{height}')
    if stride != PATCH:
        options.append(f'model.backbone.stride={stride}')
    return options
