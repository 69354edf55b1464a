"""The dataset folder: Parquet, card, proof that it loads, and the difference of two."""
