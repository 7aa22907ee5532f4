"""What a model costs: parameters, multiply-adds, and the time of a training step."""
