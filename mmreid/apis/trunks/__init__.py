"""Trunks of timm in a config: does each train, and does it embed?

``trial.py`` tries one after the other, each from random weights for one step;
``samples.py`` lists small members of many families, whose table docs/how_to/trunks.md
shows.
"""

from mmreid.apis.trunks.samples import SAMPLES
from mmreid.apis.trunks.trial import Trial, format_trials, try_trunk

__all__ = ['SAMPLES', 'Trial', 'format_trials', 'try_trunk']
