"""Recurring tendencies: the same habit in another costume. From an entry's vector to a group with a name and a history."""
