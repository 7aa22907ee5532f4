"""Adapt a model to pictures without labels."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mmreid.cli.adapt import main

if __name__ == '__main__':
    main()
