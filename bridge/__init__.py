"""Passerelle: carries what was written on Twitter/X over to the fediverse, once and faithfully."""

__version__ = "0.1.0"
