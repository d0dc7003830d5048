"""Emotion in its dialogue: a small network over the vectors of utterances, in the whole dialogue or in a window."""
