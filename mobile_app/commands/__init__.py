"""The command line of the engine and the app, one module a command."""
