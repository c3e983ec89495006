"""Ask DNS about a sending domain and judge what it says. Touches no database, so it runs in any thread."""
