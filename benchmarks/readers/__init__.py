"""Other programs that read our files, each in an environment of its own."""
