"""Showing a person what was done to a document and why."""
