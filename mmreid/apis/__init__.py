"""What a program calls: networks from configs, costs, pictures of results."""

from mmreid.apis.complexity import Cost, count_parts
from mmreid.apis.complexity_report import count_config
from mmreid.apis.model import find_config, init_model
from mmreid.apis.outputs import Outputs
from mmreid.apis.rank_lists import draw_rank_lists

__all__ = [
    'Cost',
    'Outputs',
    'count_config',
    'count_parts',
    'draw_rank_lists',
    'find_config',
    'init_model',
]
