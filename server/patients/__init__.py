"""People: who they are, and the numbers they are known by."""
