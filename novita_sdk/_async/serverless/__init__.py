"""Serverless endpoints: found, deployed, changed, scaled, watched and called."""
