"""Ask DNS about a sending domain and compare what it answers. Touches no database, so it runs in any thread."""
