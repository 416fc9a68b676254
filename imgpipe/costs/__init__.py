"""What the pipeline costs: list prices, an estimate before there is one, and the month so far."""
