"""X API v2: its objects, as the API itself and twarc's files have them."""
