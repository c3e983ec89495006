-- Each thread was opened by a white-label; of every tenth the platform has not read the end.
INSERT INTO inbox_thread (id, subject, about_id, latest_at, opened_by_id, opened_with_id)
SELECT %(thread_0)s + n, 'About ' || pg_temp.word(n) || ' and ' || pg_temp.word(n * 3), '',
    now() - interval '365 days' * (1 - n::double precision / %(threads)s), %(mailbox_0)s + 2 + n %% %(white_labels)s,
    (SELECT id FROM inbox_mailbox WHERE key = 'platform')
FROM generate_series(1, %(threads)s) AS n;

INSERT INTO inbox_message (body, at, author_id, sender_id, thread_id)
SELECT 'Hello, we would like to know more about ' || pg_temp.word(id * k + 5) || ' and ' || pg_temp.word(id + k) || '.',
    latest_at - interval '1 hour' * (5 - k),
    %(person_0)s + 1 + CASE k %% 2 WHEN 0 THEN 0 ELSE (opened_by_id - %(mailbox_0)s - 2) * 4 + 1 END,
    CASE k %% 2 WHEN 0 THEN opened_with_id ELSE opened_by_id END, id
FROM inbox_thread, generate_series(1, 5) AS k WHERE id > %(thread_0)s;

INSERT INTO inbox_readmark (thread_id, person_id, until)
SELECT id, %(person_0)s + 1, CASE WHEN id %% 10 = 0 THEN latest_at - interval '30 minutes' ELSE latest_at END
FROM inbox_thread WHERE id > %(thread_0)s;
