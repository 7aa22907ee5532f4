"""The version of mmreid."""

__version__ = '0.2.0'
