"""What makes the plate detector's weights."""
