"""Words by which columns of a table name what they measure, in English and German."""

from __future__ import annotations

AGES = ("age", "alter")
DEPTHS = ("depth", "tiefe")
HEIGHTS = ("height", "elevation", "höhe")
LENGTHS = ("length", "duration", "distance", "länge", "dauer", "strecke")
PRICES = ("price", "cost", "fee", "preis", "kosten", "gebühr")
SIZES = ("size", "area", "capacity", "größe", "fläche", "kapazität")
SPEEDS = ("speed", "geschwindigkeit")
WAGES = ("salary", "wage", "pay", "income", "earning", "gehalt", "lohn", "einkommen")
WEIGHTS = ("weight", "mass", "gewicht", "masse")
WIDTHS = ("width", "breite")
