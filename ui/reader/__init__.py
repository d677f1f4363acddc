"""What the reader loads as it is scrolled: text, printed pages, headings, search, the file."""
