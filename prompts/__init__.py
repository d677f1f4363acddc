"""The texts that Footnote says and sends, one file each, read as package data."""
