#!/usr/bin/env bash
# Test in several processes of this machine: what mmreid dist-test does, by this clone.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python}" -m mmreid dist-test "$@"
