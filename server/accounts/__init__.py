"""Who of the staff may sign in, and what each role may do."""
