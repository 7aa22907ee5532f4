"""Lets the tests of the losses import `gathered_training`, in new processes too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
