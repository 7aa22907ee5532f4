"""Weights of other programs, renamed to ours."""

from mmreid.apis.conversion.convert import LAYOUTS, convert_checkpoint
from mmreid.apis.conversion.facts import FACTS
from mmreid.apis.conversion.layout import Conversion, UnknownLayoutError

__all__ = ['FACTS', 'LAYOUTS', 'Conversion', 'UnknownLayoutError', 'convert_checkpoint']
