"""One person's visit at the kiosk, from the first touch to the slip; what is known of them is forgotten with it."""
