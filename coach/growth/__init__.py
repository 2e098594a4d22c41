"""Growth over time: whether a planned change holds, and whether the tendency behind it came back."""
