"""Commands for people who work on the project: the demo and the generated pages."""
