"""Loops that evaluate on several data sets."""

from mmreid.engine.loops.multi_loops import MultiTestLoop, MultiValLoop, check_loops
from mmreid.engine.loops.set_names import name_sets

__all__ = ['MultiTestLoop', 'MultiValLoop', 'check_loops', 'name_sets']
