#!/usr/bin/env bash
# Test as a job of a slurm cluster: what mmreid slurm-test does, by this clone.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python}" -m mmreid slurm-test "$@"
