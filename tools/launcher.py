"""torchrun for trainings that stop when asked to: what mmreid dist-train starts."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mmreid.cli.launcher import main

if __name__ == '__main__':
    main()
