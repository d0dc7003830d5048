"""Labelled utterances in: published datasets, the sample corpus and people's own files, all read into one record.

Standard library and engine only, so that the report can use it where no training package is installed.
"""

from training.datasets.dataset import SPLITS, Dataset, RejectedRow
from training.datasets.registry import load, names

__all__ = ["SPLITS", "Dataset", "RejectedRow", "load", "names"]
