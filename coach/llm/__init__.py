"""The boundary to language and embedding models: ``base`` (what is asked of them), ``llama`` (llama.cpp), ``fake``."""
