"""Labelled utterances in, fine-tuned multitask checkpoint out. Importing this package imports no TensorFlow."""
