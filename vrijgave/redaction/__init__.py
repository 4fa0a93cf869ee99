"""Finding, covering and proving covered: faces and plates in footage."""
