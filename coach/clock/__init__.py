"""The boundary to time: ``base`` (the protocol), ``system`` (the machine's clock), ``fake`` (set by a test)."""
