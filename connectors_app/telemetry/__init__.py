"""What the dashboard tells of itself: log lines, measurements, error reports; and what none of them may hold."""
