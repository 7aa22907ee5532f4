"""Checkpoints made ready for others: weights alone, with what they were trained on."""
