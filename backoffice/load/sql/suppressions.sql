INSERT INTO delivery_suppression (white_label_id, address, reason, at)
SELECT CASE WHEN w > 0 THEN %(white_label_0)s + w END, 'gone' || n || '@' || pg_temp.word(n) || '.example',
    'Refused (recipient): 550 5.1.1 No such user', now() - interval '1 minute' * n
FROM (SELECT n, n %% (%(white_labels)s - 1) AS w FROM generate_series(1, %(suppressions)s) AS n) AS suppressed;
