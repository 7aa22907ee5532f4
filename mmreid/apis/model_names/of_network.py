"""What a network is called that was made of a config, a checkpoint or a file."""

from pathlib import Path
from typing import Any

from mmreid.deploy.exported_network import ExportedNetwork


def name_network(network: Any, otherwise: str) -> str:
    """Call a network as its exported file tells, or as its config file.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`.
        otherwise (str): What it is called where its config was no file.
    """
    if isinstance(network, ExportedNetwork):
        return network.facts.name
    filename = network.cfg.filename
    return Path(filename).stem if filename else otherwise
