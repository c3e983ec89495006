-- What e-mails and deliveries have in common, drawn once for each number. Words come from a table: looked up, not made.
CREATE TEMP TABLE load_word AS SELECT n, pg_temp.word(n) AS word FROM generate_series(0, 63999) AS n;
ANALYZE load_word;

CREATE TEMP TABLE load_mail AS
WITH drawn AS (
    SELECT n, pg_temp.accepted_at(n, %(deliveries)s) AS accepted_at,
        pg_temp.is_campaign(n, %(deliveries)s) AS is_campaign,
        -- The first applications send by far the most.
        CASE WHEN pg_temp.is_campaign(n, %(deliveries)s) THEN 2
             ELSE 1 + floor(%(applications)s * power(pg_temp.share(n, 1), 3))::bigint END AS application,
        floor((%(deliveries)s / 4 + 1) * pg_temp.share(n, 2))::bigint AS recipient,
        pg_temp.share(n, 3) AS kind,
        floor(9000 * power(pg_temp.share(n, 4), 2))::int AS first_word,
        floor(9000 * pg_temp.share(n, 5))::int AS second_word,
        pg_temp.share(n, 6) AS fate
    FROM generate_series(1, %(deliveries)s) AS n
)
SELECT drawn.n, md5(%(delivery_0)s + drawn.n || ' mail')::uuid AS email_id, accepted_at, application,
    pg_temp.white_label_of(application, %(white_labels)s, %(applications)s) AS white_label,
    one.word || '.' || two.word || recipient AS local_part,
    (ARRAY['mail', 'inbox', 'post', 'users'])[1 + recipient %% 4] || recipient %% 500 || '.example' AS domain,
    CASE WHEN is_campaign THEN 'The autumn catalogue is here'
         -- A word of millions of messages that none of the last days has.
         WHEN kind < 0.30 THEN 'Your order ' || drawn.n || CASE WHEN accepted_at > now() - interval '3 days'
                                                                THEN ' is on its way' ELSE ' has been shipped' END
         WHEN kind < 0.50 THEN 'Invoice ' || drawn.n || ' for ' || a.word
         WHEN kind < 0.65 THEN 'Your code to sign in'
         WHEN kind < 0.85 THEN 'News of the week, ' || a.word || ' and ' || b.word
         ELSE 'Booking of ' || a.word || ' ' || b.word || ' confirmed' END AS subject,
    -- What is queued or was put off is of the last hour alone.
    CASE WHEN drawn.n > %(deliveries)s * 0.9999 THEN CASE WHEN fate < 0.6 THEN 'QUEUED' ELSE 'DEFERRED' END
         WHEN fate < 0.965 THEN 'SENT'
         WHEN fate < 0.985 THEN 'FAILED'
         WHEN fate < 0.990 THEN 'EXPIRED'
         WHEN fate < 0.994 THEN 'HELD'
         WHEN fate < 0.998 THEN 'CANCELLED'
         WHEN fate < 0.9985 THEN 'UNCERTAIN'
         ELSE 'TEST' END AS status
FROM drawn
JOIN load_word AS one ON one.n = recipient %% 64000
JOIN load_word AS two ON two.n = (recipient / 7 + 11) %% 64000
JOIN load_word AS a ON a.n = first_word
JOIN load_word AS b ON b.n = second_word;
