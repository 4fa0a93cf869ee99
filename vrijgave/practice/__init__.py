"""Practice: servers that speak the platforms' own protocols, for practice mode, the demo and the contract tests."""
