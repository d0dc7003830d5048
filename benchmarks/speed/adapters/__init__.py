"""One module per way to run the model; each has a class ``Adapter`` that a child process loads."""
