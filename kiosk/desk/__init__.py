"""What the desk asks of this kiosk, and what this kiosk hands to the desk."""
