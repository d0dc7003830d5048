"""The zoo: small architectures that are trained from scratch, behind the interface of a transformers backbone."""

ARCHITECTURES = ("cnn", "lstm", "gru", "cnn-lstm")
