"""人员变动备案: what changes in the register, filed by a unit, confirmed by the department, and only then done."""
