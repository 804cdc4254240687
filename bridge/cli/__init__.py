"""The command line: a file per noun, with the functions thin: load, call the engine, show."""
