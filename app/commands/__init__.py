"""What `chizheng` can be told to do, noun and verb; each command is a thin layer over the services."""
