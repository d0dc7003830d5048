"""The app, and the engine it runs on. Never imports TensorFlow, transformers or scikit-learn."""
