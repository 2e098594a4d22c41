"""The boundary to what is kept: ``base`` (the protocol), ``sqlite`` (the one file; tests use it in a temporary folder)."""
