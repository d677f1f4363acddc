"""Values -> HTML and text. No I/O but the templates and wording that ship."""
