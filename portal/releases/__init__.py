"""One model for everything that is versioned: items, their versions, releases, and the view they are read through."""
