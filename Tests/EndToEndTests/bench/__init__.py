"""What a visit costs, measured side by side with what else could carry it: `make bench`."""
