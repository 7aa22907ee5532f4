"""Runs of training and test: their plan, their files, their logs, their summary."""
