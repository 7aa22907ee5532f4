"""Weights by timm's own names, of a file or of timm's page."""

import sys
from typing import Any

from torch import Tensor, nn

from mmreid.optional import import_optional


def take_plain_names(
    state_dict: dict[str, Any], prefix: str, inner: str, network: nn.Module
) -> None:
    """Rename what a checkpoint holds by timm's names, in place.

    What timm does with a file of weights is done, too: old names are replaced, and
    tables of positions of another size are resized.

    Args:
        state_dict (dict[str, Any]): Weights by name.
        prefix (str): What the trunk's names begin with.
        inner (str): What follows it in a checkpoint of ours.
        network (nn.Module): Of timm.
    """
    names = [name for name in state_dict if name.startswith(prefix)]
    if any(name.startswith(f'{prefix}{inner}') for name in names):
        return
    plain = {name.removeprefix(prefix): state_dict.pop(name) for name in names}
    for name, value in fit_to(network, plain).items():
        state_dict[f'{prefix}{inner}{name}'] = value


def fit_to(network: nn.Module, plain: dict[str, Any]) -> dict[str, Any]:
    """Do with weights what timm does before it loads them.

    Args:
        network (nn.Module): Of timm.
        plain (dict[str, Any]): By the names of a file.

    Returns:
        dict[str, Any]: By the network's names.
    """
    module = sys.modules[type(network).__module__]
    fit = getattr(module, 'checkpoint_filter_fn', None)
    tensors = {name: value for name, value in plain.items() if hasattr(value, 'shape')}
    return dict(fit(tensors, network)) if tensors and fit else plain


class TimmFetchError(ConnectionError, ValueError):
    """The weights that timm publishes of a network cannot be had."""


def fetch(model_name: str) -> dict[str, Tensor]:
    """Fetch the weights that timm publishes, in a format that runs nothing.

    Args:
        model_name (str): The network's name; the tag behind its dot chooses among
            several trainings.

    Returns:
        dict[str, Tensor]: By timm's names.

    Raises:
        TimmFetchError: timm publishes none in this format, or they cannot be fetched.
    """
    timm = import_optional('timm', 'TimmBackbone')
    hub = import_optional('huggingface_hub', 'pretrained=True')
    safetensors = import_optional(
        'safetensors.torch', 'pretrained=True', install='safetensors'
    )
    config = timm.get_pretrained_cfg(model_name)
    place = getattr(config, 'hf_hub_id', None)
    remedy = (
        "; give a file by init_cfg=dict(type='Pretrained', checkpoint=...), or leave "
        'pretrained out.'
    )
    if not place:
        raise TimmFetchError(
            f'pretrained=True needs weights that timm publishes on its page, and there '
            f'are none of {model_name!r}{remedy}'
        )
    named = getattr(config, 'hf_hub_filename', None) or ''
    file = named if named.endswith('.safetensors') else 'model.safetensors'
    try:
        path = hub.hf_hub_download(repo_id=place, filename=file)
    except (OSError, ValueError) as error:
        raise TimmFetchError(
            f'pretrained=True could not fetch {file} of {place} from '
            f'https://huggingface.co ({type(error).__name__}){remedy}'
        ) from error
    return safetensors.load_file(path)
