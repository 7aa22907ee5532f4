"""Draw what reference points of a picture attend to, and their strongest relations."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.visualization.attention_map import main

if __name__ == '__main__':
    main()
