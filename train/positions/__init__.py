"""Training of the position reader; what reading needs of it stands in caveat.tag."""
