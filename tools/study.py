"""Run a study: many methods, several seeds each, and what differences are worth."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mmreid.cli.study import main

if __name__ == '__main__':
    main()
