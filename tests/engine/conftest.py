"""Lets the tests of the engine and of the tools import `toy_training`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
