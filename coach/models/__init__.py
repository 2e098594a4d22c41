"""The models' files: ``catalogue`` (which there are), ``store`` (where they lie and whether they are whole), ``fetch``
(how they get there; ``hub`` and ``carriers`` are its two sources), ``minilm`` (makes a GGUF of the embedding model)."""
