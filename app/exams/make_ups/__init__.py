"""补考: make-up exams for those whom a coded cause entitles, each linked to what it makes up for (decision 0030)."""
