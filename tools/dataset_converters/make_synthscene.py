"""Render persons who walk past several cameras: videos with boxes, to try things on."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.dataset_converters.make_synthscene import main

if __name__ == '__main__':
    main()
