"""Frozen features and simple classifiers (Pandelea et al. 2021, Sensors 21(13) 4496): its Tables 4 to 7 beside ours."""
