"""The resources, each against an account in memory."""
