"""Drawn and real plates, the network, its training and its measures."""
