"""An embedded mail world, a seeded desk and simulated customers."""
