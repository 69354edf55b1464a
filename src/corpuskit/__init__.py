"""corpuskit: raw texts in, a published dataset out, and an account of every character in between."""

__version__ = "0.1.0"
