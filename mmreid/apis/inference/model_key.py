"""The key by which vectors of one model know each other."""

from typing import Any

from mmengine.config import Config

from mmreid.apis.runs.evaluation_files import hash_settings
from mmreid.data_loaders import list_loaders
from mmreid.deploy.exported_network import ExportedNetwork
from mmreid.evaluation.features.key import features_key, hash_weights


def model_key(model: Any) -> str:
    """Compute what ``tools/test.py`` writes as ``features_key['model']``.

    It depends on the weights, on the config's model and on its test pipeline, and not
    on the precision or the device of the computing. An exported file tells its own.

    Args:
        model (Any): Network of :func:`mmreid.apis.init_model`, in its first precision.

    Returns:
        str: 64 hexadecimal digits.
    """
    if isinstance(model, ExportedNetwork):
        return model.facts.model_key
    cfg = Config(dict(model.cfg._cfg_dict, model=model.model_cfg))
    loader = list_loaders(cfg, 'test_dataloader')[0]
    weights = hash_weights(model.state_dict())
    return features_key(weights, hash_settings(cfg, loader), '')['model']
