"""Weights of parts that start as copies of others."""

from collections.abc import Iterable
from typing import Any


def fill_missing(
    state_dict: dict[str, Any], sources: Iterable[tuple[str, str]]
) -> None:
    """Give parts that a checkpoint lacks the weights of what they are copies of.

    Args:
        state_dict (dict[str, Any]): Weights by name; those of the copies are added.
        sources (Iterable[tuple[str, str]]): Name of each weight of a copy, and of the
            one that it starts as.
    """
    for own, source in sources:
        if own not in state_dict and source in state_dict:
            # A clone: load_state_dict(assign=True) would tie them.
            state_dict[own] = state_dict[source].clone()
