"""The review desk: a web application for this machine. It holds no rules: `engine.review` does."""
