-- Number 0 owns the platform, the last two are its support; of each white-label four come first. Nobody can sign in.
INSERT INTO people_user (id, password, is_superuser, is_staff, is_active, date_joined, name, email, language, time_zone,
    told_of_dns, told_of_keys, told_of_messages, told_of_requests, told_of_servers, last_login)
SELECT %(person_0)s + 1 + n, '!' || md5(n::text), n = 0, n = 0 OR n > %(people)s - 2, n %% 40 <> 39,
    now() - interval '400 days', initcap(pg_temp.word(n * 17)) || ' ' || initcap(pg_temp.word(n * 5 + 3)),
    CASE WHEN n = 0 THEN 'owner' ELSE pg_temp.word(n * 17) || n END || '@people' || %(person_0)s || '.example',
    '', 'UTC', 'AT_ONCE', 'AT_ONCE', 'AT_ONCE', 'AT_ONCE', 'AT_ONCE', now() - interval '1 hour' * (n %% 5000)
FROM generate_series(0, %(people)s) AS n;
