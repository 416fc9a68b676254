"""The engine: resources as values, the graph they form, and the walks that bring them about and take them away."""
