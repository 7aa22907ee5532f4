"""Commands that start a training or a test as several processes.

``dist_*`` start torchrun, ``slurm_*`` a job of Slurm; ``tools/dist_train.sh`` and its
like call them. The words that they start are written in ``starting.py``.
"""
