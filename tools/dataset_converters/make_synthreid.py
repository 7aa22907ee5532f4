"""Render the procedural pedestrian data set SynthReID in Market-1501's layout."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.dataset_converters.make_synthreid import main

if __name__ == '__main__':
    main()
