"""Draw where in a picture the answer of each branch of a network comes from."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.visualization.grad_cam import main

if __name__ == '__main__':
    main()
