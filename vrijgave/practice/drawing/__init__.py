"""The drawn world of the practice clip: a street, its passers-by and their cars."""
