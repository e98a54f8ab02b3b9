"""What we tell people: an outbox written with the change, delivered by a worker that may be run again safely."""
