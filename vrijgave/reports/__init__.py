"""What leaves the service on paper: the month's lead times, and the account of a publication and of a year."""
