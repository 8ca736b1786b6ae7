"""How messages leave: one module a provider."""
