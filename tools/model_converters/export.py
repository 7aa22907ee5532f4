"""Write a model as a file for another runtime, proven by its ranking."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.model_converters.export import main

if __name__ == '__main__':
    main()
