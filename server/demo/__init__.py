"""An invented hospital: its clinics, its people, and its day so far."""
