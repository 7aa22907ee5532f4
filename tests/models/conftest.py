"""Lets the tests of this folder import `method_networks` and `unequal_training`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
