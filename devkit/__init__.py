"""The code behind `./dev`: a running host, databases, tests and checks."""
