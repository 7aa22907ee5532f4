"""Commands that start a training or a test as several processes.

``dist.py`` writes the command line of torchrun and ``slurm.py`` that of a job of Slurm,
each for two commands; ``tools/dist_train.sh`` and its like call these. What they share,
and the start itself, is in ``starting.py``. ``early_signals.py`` hears signals before
torch has arrived, for all that trains.
"""
