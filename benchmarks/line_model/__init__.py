"""Training and measuring the line model: `make model`. Needs catboost, scikit-learn, scipy, and the data."""
