"""Rules as data: what they are, how they are read, matched and proved."""
