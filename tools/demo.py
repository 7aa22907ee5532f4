"""Render SynthReID-mini, train AANet on it, test it, and show what it learned."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mmreid.cli.demo import main

if __name__ == '__main__':
    main()
