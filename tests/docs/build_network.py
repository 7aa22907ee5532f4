"""Build the network of a config, without weights."""

import sys

from mmengine.registry import init_default_scope

from mmreid.engine import read_config
from mmreid.registry import MODELS

config = read_config(sys.argv[1])
init_default_scope('mmreid')
MODELS.build(config.model)
