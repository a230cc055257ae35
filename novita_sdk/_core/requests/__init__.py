"""From Python arguments to the queries and bodies of the API, with every problem reported at once."""
