"""What runs at CloudFront's edges, and the addresses that it understands."""
