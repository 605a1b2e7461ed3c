"""What people keeps for a term: photographs and mobile numbers."""

from app.holdings import Part
from app.people.models import Person

PHOTOGRAPH = Part(Person.id, leaves={"photo": None})
PHONE = Part(Person.id, leaves={"phone_cipher": None, "phone_masked": None})
