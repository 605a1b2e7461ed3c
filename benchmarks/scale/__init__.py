"""How many candidates a deployment carries at once, and which part gives out first: reckoned from measured costs."""
