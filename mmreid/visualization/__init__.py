"""Pictures of what a model does.

A file for each kind of picture; ``picture_file.py`` reads and writes them. What asks a
model for the numbers is in ``mmreid.apis.draw``. ``trackers.py`` leads a training's
scalars to trackers of experiments.
"""

from mmreid.visualization.attention_map import draw_attention, related_points
from mmreid.visualization.grad_cam import grad_cam
from mmreid.visualization.part_activation import (
    frame_stripe,
    part_activations,
    share_of_stripe,
)
from mmreid.visualization.picture_file import read_picture, write_picture
from mmreid.visualization.rank_list import (
    RankedPicture,
    SheetLayout,
    draw_sheet,
)
from mmreid.visualization.rank_sheet import choose_queries, write_rank_sheet
from mmreid.visualization.receptive_field import (
    automatic_points,
    draw_channel,
    draw_field,
    draw_points,
    field_of,
)
from mmreid.visualization.trackers import (
    GuardedVisBackend,
    TrackingVisualizer,
    WandbBackend,
)
from mmreid.visualization.training_curves import Curve, draw_curves

__all__ = [
    'Curve',
    'GuardedVisBackend',
    'RankedPicture',
    'SheetLayout',
    'TrackingVisualizer',
    'WandbBackend',
    'automatic_points',
    'choose_queries',
    'draw_attention',
    'draw_channel',
    'draw_curves',
    'draw_field',
    'draw_points',
    'draw_sheet',
    'field_of',
    'frame_stripe',
    'grad_cam',
    'part_activations',
    'read_picture',
    'related_points',
    'share_of_stripe',
    'write_picture',
    'write_rank_sheet',
]
