"""What the pipeline costs: list prices, and an estimate from them."""
