"""The pages and the JSON interface: what people see of the service in a browser."""
