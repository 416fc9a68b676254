"""The engine: resources as values, their graph, and the walks over it."""
