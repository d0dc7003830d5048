"""Screens, and what is between them and the engine."""
