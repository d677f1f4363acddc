"""Views: render values as HTML and text. They read only the package's templates and wording."""
