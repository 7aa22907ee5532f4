"""Learn when persons seen by one camera are seen by another, for mmreid evaluate."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.analysis_tools.time_prior import main

if __name__ == '__main__':
    main()
