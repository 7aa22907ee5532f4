"""The generators of the site lie beside the pages, outside of the package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / 'docs'))
