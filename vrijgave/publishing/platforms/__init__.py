"""The platforms, one module each; none of them knows another."""
