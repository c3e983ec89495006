INSERT INTO inbox_mailbox (key, name) SELECT 'platform', 'Platform'
WHERE NOT EXISTS (SELECT 1 FROM inbox_mailbox WHERE key = 'platform');

INSERT INTO inbox_mailbox (id, key, name)
SELECT %(mailbox_0)s + 1 + n, 'white-label:' || %(white_label_0)s + n, initcap(pg_temp.word(n * 29)) || ' ' || n
FROM generate_series(1, %(white_labels)s) AS n;

-- Every third has a server of its own.
INSERT INTO smtp_settings_smtpserver (id, policy, scope_key, host, port, security, auth, username, sealed_secret,
    sender_name, sender_address, max_connections, messages_per_minute, state, pause_reason, created_at, updated_at,
    token_source, directory, client_id, authorization_endpoint, token_endpoint, oauth_scope)
SELECT md5('server' || %(white_label_0)s + n)::uuid, 'WHITE_LABEL', 'white-label:' || %(white_label_0)s + n,
    'smtp.w' || n || '.example', 587, 'STARTTLS', 'NONE', '', '', initcap(pg_temp.word(n * 29)) || ' ' || n,
    'hello@w' || n || '.example', 5, 0, 'VERIFIED', '', now(), now(), '', '', '', '', '', ''
FROM generate_series(1, %(white_labels)s, 3) AS n;

INSERT INTO whitelabel_whitelabel (id, name, brand_name, brand_colour, mail_option, fall_back, second_factor_required,
    created_at, mailbox_id, server_id)
SELECT %(white_label_0)s + n, initcap(pg_temp.word(n * 29)) || ' ' || n, initcap(pg_temp.word(n * 29)) || ' ' || n,
    '#0f766e', CASE n %% 3 WHEN 1 THEN 'OWN' ELSE 'PLATFORM' END, false, false, now() - interval '390 days',
    %(mailbox_0)s + 1 + n, CASE n %% 3 WHEN 1 THEN md5('server' || %(white_label_0)s + n)::uuid END
FROM generate_series(1, %(white_labels)s) AS n;

INSERT INTO whitelabel_whitelabel_admins (whitelabel_id, user_id)
SELECT %(white_label_0)s + n, %(person_0)s + 1 + (n - 1) * 4 + k
FROM generate_series(1, %(white_labels)s) AS n, generate_series(1, 3) AS k;

INSERT INTO whitelabel_whitelabel_viewers (whitelabel_id, user_id)
SELECT %(white_label_0)s + n, %(person_0)s + 1 + n * 4 FROM generate_series(1, %(white_labels)s) AS n;

INSERT INTO whitelabel_application (id, name, sender_name, sender_address, daily_limit, created_at, owner_id,
    white_label_id, archived_at)
SELECT %(application_0)s + n, initcap(pg_temp.word(n * 13)) || ' App ' || n, initcap(pg_temp.word(n * 13)),
    'app@a' || n || '.example', 0, now() - interval '380 days',
    %(person_0)s + 1 + pg_temp.owner_of(n, w, %(people)s), %(white_label_0)s + w,
    CASE WHEN n %% 97 = 0 THEN now() - interval '3 days' END
FROM generate_series(1, %(applications)s) AS n,
    LATERAL (SELECT pg_temp.white_label_of(n, %(white_labels)s, %(applications)s)) AS of_white_label(w);

-- A key of each, which opens nothing: there is no hash of a secret.
INSERT INTO gateway_key (name, prefix, sealed_hash, scopes, networks, test, maker, made_at, used_from, refused_from,
    refusal, end_notified, application_id, made_by_id, confirmed_owner_id, confirmed_white_label_id)
SELECT 'Server', substr(md5('key' || id), 1, 12), '', 'send', '', false, 'PLATFORM', created_at, '', '', '', false,
    id, %(person_0)s + 1, owner_id, white_label_id
FROM whitelabel_application WHERE id > %(application_0)s;
