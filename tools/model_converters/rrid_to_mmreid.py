"""Turn a checkpoint of RRID's authors, a whole pickled module too, into one of ours."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.model_converters.rrid_to_mmreid import main

if __name__ == '__main__':
    main()
