"""What a day was like: counted from the visits themselves, for those who plan the next one. Pages and files only."""
