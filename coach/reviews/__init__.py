"""Review kinds: what a review asks, in which steps, and what its entry holds. Each kind is a file, found by its name."""
