"""Check whether data sets are whole and consistent."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.dataset_converters.check_dataset import main

if __name__ == '__main__':
    main()
