"""What every way out over HTTP needs: a deadline for all of it, a capped body, a session that keeps nothing."""
