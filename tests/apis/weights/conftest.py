"""Gives the tests the clone."""

from named_clone import clone

__all__ = ['clone']
