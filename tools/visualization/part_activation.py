"""Draw where in a picture the part vectors of a network come from."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.visualization.part_activation import main

if __name__ == '__main__':
    main()
