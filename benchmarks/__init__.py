"""Measurements with their conditions; each command writes one file of ``results/``."""
