"""Whether a network takes all of some converted weights."""

from collections.abc import Sequence

from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, UnknownLayoutError, first_names
from mmreid.engine.checkpoints.entries import describe_mismatch
from mmreid.engine.checkpoints.training_only import training_only_prefixes
from mmreid.registry import MODELS

# Tables of positions, by any trunk's name.
_POSITIONS = ('pos_embed', 'positional_embedding')
# Filled in by training, and of no use to an embedding.
_DISPENSABLE = ('classifier.weight', 'classifier.bias', 'num_batches_tracked')


def find_misfits(cfg: Config, conversion: Conversion) -> dict[str, str]:
    """Compare names and shapes with those of a network.

    Args:
        cfg (Config): Config of the network.
        conversion (Conversion): The weights, of a whole model or of its trunk.

    Returns:
        dict[str, str]: What is missing, unknown, or of another shape, in more than the
        number of identities and what training alone uses: by name, with the reason.
    """
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    network = MODELS.build(cfg.model.backbone if conversion.trunk else cfg.model)
    own = network.state_dict()
    if not conversion.trunk:
        own = {k: v for k, v in own.items() if not k.startswith('data_preprocessor.')}
    of_training = tuple(training_only_prefixes(network))
    misfits = {}
    for name in {**own, **conversion.weights}:
        value = conversion.weights.get(name)
        if name.endswith(_DISPENSABLE):
            continue
        if value is None and name.startswith(of_training):
            continue
        if name not in own:
            misfits[name] = f'{name} (not in the model)'
        elif value is None or _differ(value, own[name], name, conversion.trunk):
            misfits[name] = describe_mismatch(name, value, own[name])
    return misfits


def _differ(one: Tensor, other: Tensor, name: str, is_trunk: bool) -> bool:
    """Compare shapes; a trunk's positions get their grid when they are loaded."""
    is_resized = is_trunk and name.rpartition('.')[2] in _POSITIONS
    if is_resized:
        return one.shape[-1:] != other.shape[-1:]
    return one.shape != other.shape


def check_fit(cfg: Config, conversion: Conversion, options: Sequence[str]) -> None:
    """Refuse weights that are not all of a network.

    Args:
        cfg (Config): Config of the network, with ``options``.
        conversion (Conversion): The weights.
        options (Sequence[str]): For the message.

    Raises:
        UnknownLayoutError: They differ in more than the number of identities.
    """
    if wrong := find_misfits(cfg, conversion):
        raise UnknownLayoutError(
            f'The weights do not fit the network of configs/{conversion.config} with '
            f'{[*options]}: {first_names([*wrong])} are missing, of another shape or '
            'unknown there.'
        )
