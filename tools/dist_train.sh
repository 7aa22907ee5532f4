#!/usr/bin/env bash
# Train in several processes of this machine: what mmreid dist-train does, by this clone.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python}" -m mmreid dist-train "$@"
