"""A stand-in for the Python package that python-for-android puts into every app."""
