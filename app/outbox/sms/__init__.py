"""短信: what calls for somebody to come or to act, told by a short message as well."""
