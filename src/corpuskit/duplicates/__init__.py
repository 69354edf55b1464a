"""Find texts whose words stand in another, and decide which stay: sketches propose, the texts decide, stars
keep.

`dedup.dedup` composes the steps for texts in memory; the build runs the same functions over files (`tasks/dedup.py`).
"""
