"""Lets the tests beside it import `damaged`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
