"""Programs that fit numbers to data; run by hand, not by pytest."""
