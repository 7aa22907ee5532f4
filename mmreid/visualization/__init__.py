"""Pictures of what a model does."""

from mmreid.visualization.rank_list import (
    RankedPicture,
    SheetLayout,
    draw_sheet,
)
from mmreid.visualization.rank_sheet import choose_queries, write_rank_sheet

__all__ = [
    'RankedPicture',
    'SheetLayout',
    'choose_queries',
    'draw_sheet',
    'write_rank_sheet',
]
