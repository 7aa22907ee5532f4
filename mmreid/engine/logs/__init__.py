"""The log of a run: what is added to mmengine's, and what of it the screen shows.

``log_processor.py`` makes the values of the JSON log and the lines of the log,
``screen_lines.py`` words them for the screen, and ``screen.py`` chooses and formats
what is shown there. The log file has everything, whatever the screen shows: nothing
here takes a record away from it, but mmengine's warnings of its own calls.
"""

from mmreid.engine.logs.log_processor import (
    ScalarLogProcessor,
    learning_rates,
    peak_memory,
)
from mmreid.engine.logs.screen import hide_deprecations, shorten_screen
from mmreid.engine.logs.screen_lines import ScreenLine

__all__ = [
    'ScalarLogProcessor',
    'ScreenLine',
    'hide_deprecations',
    'learning_rates',
    'peak_memory',
    'shorten_screen',
]
