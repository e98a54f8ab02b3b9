"""How the work runs: the flow as data, its routes, steps and roles, and the drawing of a route."""
