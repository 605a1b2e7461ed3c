"""What people keeps for a term: photographs."""

from app.holdings import Part
from app.people.models import Person

PHOTOGRAPH = Part(Person.id, leaves={"photo": None})
