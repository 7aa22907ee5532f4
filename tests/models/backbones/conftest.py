"""Keeps mmengine's line for every parameter off the screen."""

import logging

import pytest
from mmengine.logging import MMLogger


@pytest.fixture(autouse=True)
def _quiet():
    """Raise the level of mmengine's logger for a test.

    Not ``logging.disable``: mmengine's loggers remember what it forbade, and stay
    silent in the tests that follow.
    """
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(level)
