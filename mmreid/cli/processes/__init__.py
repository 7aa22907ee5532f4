"""Commands that start a training or a test as several processes.

``dist.py`` starts torchrun and ``slurm.py`` a job of Slurm, each for two commands;
``tools/dist_train.sh`` and its like call these. The words that they start are written
in ``starting.py``.
"""
