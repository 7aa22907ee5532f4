"""How a training begins: from weights, or from a checkpoint of its own.

``runner_loading`` is the way in: mmengine's Runner loads through it. It takes weights
by the rules of ``starting_weights`` (``init_cfg`` and ``load_from``), and for resuming
compares all that lies beside them (``saved_parts``). ``resumable`` finds the checkpoint
of a work folder that has come furthest.
"""
