"""Checkpoint in, phone bundle out."""
