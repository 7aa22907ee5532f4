# mmreid with the exact tested versions (requirements/constraints.txt).
#
#   docker build -t mmreid .                              # for CPUs
#   docker build -t mmreid --build-arg DEVICE=cuda .      # for NVIDIA's GPUs
#   docker run --rm -v "$PWD/work:/work" mmreid           # the demo; results in work/
#   docker run --rm --gpus all -v "$PWD/work:/work" mmreid mmreid train aanet_r18_synthmini
#
# The folder that is mounted must be writable for user 1000: mkdir work, or --user $(id -u).
FROM debian:bookworm-slim

# OpenCV's wheels need libGL and GLib. The release of Debian fixes the versions.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/mmreid
ENV PATH=/opt/mmreid/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# What is needed changes less often than the code. The wheels of torch on the package index
# bring CUDA; those for CPUs alone, a tenth of the size, are on an index of its makers.
ARG DEVICE=cpu
ARG CPU_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements /src/requirements
WORKDIR /src/requirements
RUN case "$DEVICE" in \
        cpu) pip install -c constraints.txt --index-url "$CPU_INDEX" torch torchvision ;; \
        cuda) ;; \
        *) echo "DEVICE must be cpu or cuda, got $DEVICE" >&2; exit 1 ;; \
    esac \
    && pip install -c constraints.txt -r runtime.txt -r search.txt -r pages.txt -r export.txt

COPY . /src
RUN pip install --no-deps --no-build-isolation /src \
    && useradd --create-home --uid 1000 mmreid \
    && install -d -o mmreid /work
USER 1000
WORKDIR /work
# Threads that wait for each other stop one another beside other load.
ENV OMP_NUM_THREADS=1
CMD ["mmreid", "demo"]
