"""Registration by hand: everybody a kiosk could not help, on one page and by keyboard."""
