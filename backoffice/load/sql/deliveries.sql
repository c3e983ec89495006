-- What is put off or held is due in years: no worker is to knock at servers that do not exist.
INSERT INTO delivery_delivery (id, email_id, recipient, tenant, application_id, accepted_at, priority, server_key,
    status, due_at, attempt_count, status_reason, final_dot_announced, possible_duplicate, finished_at)
SELECT %(delivery_0)s + n, email_id, local_part || '@' || domain, coalesce(%(white_label_0)s + white_label, 0),
    %(application_0)s + application, accepted_at, 1, 'default', status,
    CASE WHEN status IN ('QUEUED', 'DEFERRED') THEN now() + interval '10 years' END,
    CASE WHEN status IN ('QUEUED', 'TEST') THEN 0 ELSE 1 END,
    CASE status WHEN 'SENT' THEN 'Accepted by smtp.platform.example: 250 2.0.0 queued'
                WHEN 'FAILED' THEN 'Refused (recipient): 550 5.2.2 The mailbox is full'
                WHEN 'DEFERRED' THEN 'The server asked to come back later: 451 4.7.1 Greylisted'
                WHEN 'QUEUED' THEN ''
                ELSE 'See the attempts.' END,
    false, status = 'UNCERTAIN' OR n %% 5000 = 0,
    CASE WHEN status NOT IN ('QUEUED', 'DEFERRED', 'HELD', 'UNCERTAIN') THEN accepted_at + interval '2 seconds' END
FROM load_mail ORDER BY n;
