"""The version of mmreid."""

__version__ = '0.1.0'
