"""The commands, one a file; each file's ``command`` is found by the file's name."""
