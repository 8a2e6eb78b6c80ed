"""What the patient's own phone shows: the page behind the slip's code."""
