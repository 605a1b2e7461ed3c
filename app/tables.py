"""Every table of the service in one place: what migrations are compared with. Features are imported for their tables."""

from app.database import Base

METADATA = Base.metadata
