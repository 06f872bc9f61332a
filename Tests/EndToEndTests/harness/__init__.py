"""What starts the parts, visits them and looks at them."""
