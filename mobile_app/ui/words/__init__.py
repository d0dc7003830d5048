"""Every word that a person reads: one module a language, all with the same keys."""
