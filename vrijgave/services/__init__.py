"""The use cases, one module each: what the command line, the Prefect tasks and the web pages call.

Services take a unit of work and never commit: one commit at the edge, by whoever called.
"""
