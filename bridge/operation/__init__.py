"""What stands beside a mirror that runs by itself: figures for monitoring, word to people when it matters."""
