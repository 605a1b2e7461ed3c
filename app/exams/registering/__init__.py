"""报名 by the person themselves: the ways into an exam, the consent that each asks for, the unit's endorsement."""
