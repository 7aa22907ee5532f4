"""Write CUHK03's pictures and the tables of its splits from the published files."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.dataset_converters.convert_cuhk03 import main

if __name__ == '__main__':
    main()
