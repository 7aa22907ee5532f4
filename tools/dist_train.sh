#!/usr/bin/env bash
# Train in several processes of this machine (or of NNODES machines).
#
#   tools/dist_train.sh CONFIG GPUS [arguments of tools/train.py]
#
# Several machines: run it on each with the same NNODES, MASTER_ADDR and PORT, and with
# its own NODE_RANK (0 on MASTER_ADDR). Without GPUs the processes use the CPU.
# MAX_RESTARTS=3 starts all processes again when one dies, at most three times; they go
# on from the newest checkpoint. A signal stops them, saved, with status 75 and for good.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG GPUS [arguments of tools/train.py]" >&2
    exit 2
fi
config=$1
gpus=$2
shift 2

host=${MASTER_ADDR:-127.0.0.1}
port=${PORT:-29500}
if [ "${MAX_RESTARTS:-0}" -gt 0 ]; then
    # The static meeting point would hand out the addresses of those that died, and so
    # would a store that outlives them, which torch 2.12 shares unless told otherwise.
    export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
    meeting=(--rdzv_backend=c10d --rdzv_endpoint="$host:$port"
        --rdzv_id="${JOB_ID:-mmreid}" --max_restarts="$MAX_RESTARTS")
else
    meeting=(--node_rank="${NODE_RANK:-0}" --master_addr="$host" --master_port="$port")
fi

exec "${PYTHON:-python}" "$(dirname "$0")/launcher.py" \
    --nnodes="${NNODES:-1}" \
    --nproc_per_node="$gpus" \
    "${meeting[@]}" \
    "$(dirname "$0")/train.py" "$config" --launcher pytorch "$@"
