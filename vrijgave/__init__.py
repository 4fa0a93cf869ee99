"""Vrijgave: from camera footage of an incident to a published, safe and accountable appeal to the public."""

__version__ = "0.1.0"
