"""Bundle in, quantization report out. Never imports TensorFlow."""
