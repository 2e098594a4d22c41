"""``python -m coach.cli``: the same as the command ``coach``."""

from coach.cli import main

main()
