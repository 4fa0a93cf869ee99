"""Prefect flows: the order of a stage's tasks. What they do stands in ``vrijgave.services``."""
