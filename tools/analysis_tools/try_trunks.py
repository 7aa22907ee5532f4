"""Train a step and embed with many trunks of timm, one after the other."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.analysis_tools.try_trunks import main

if __name__ == '__main__':
    main()
