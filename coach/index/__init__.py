"""The boundary to the vector index: ``base`` (the protocol), ``chroma`` (on disk), ``memory`` (exact, the fake)."""
