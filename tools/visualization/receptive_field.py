"""Draw where the interaction-and-aggregation blocks of a network look in a picture."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.visualization.receptive_field import main

if __name__ == '__main__':
    main()
