"""报考资格政策: which rules of eligibility are asked at a level, as data with versions."""
