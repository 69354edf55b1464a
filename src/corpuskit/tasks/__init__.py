"""One module per stage: plain functions of files to files, and the same stages as filters on rows."""
