"""Prefect tasks: each wraps one service call with retries, a timeout and a commit; ids in, ids and hashes out."""
