"""What tables hold, whoever writes to them: values that the product can read (`sqlite3`, `postgresql`, `fields`)."""
