"""The decisions of serverless endpoints."""
