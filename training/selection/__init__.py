"""Choosing a model: candidates trained on the same data and measured by the same criteria, ranked by weights."""
