"""What each page shows: its context, and how it is made from the domain."""
