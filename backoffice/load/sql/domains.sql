INSERT INTO whitelabel_sendingdomain (id, domain, ownership_token, facts, checked_at, next_check_at, state, note,
    refusal, suspension, requested_at, last_transition_at, verified_at, activated_at, warned_hours, requested_by_id,
    white_label_id)
SELECT %(domain_0)s + n, 'd' || n || '.w' || w || '.example', md5('token' || n), '{}', now(), now() + interval '1 day',
    state, 'For receipts.', '', '', asked_at, asked_at + interval '1 day',
    CASE WHEN state = 'ACTIVE' THEN asked_at END, CASE WHEN state = 'ACTIVE' THEN asked_at END, 0,
    %(person_0)s + 1 + (w - 1) * 4 + 1, %(white_label_0)s + w
FROM (SELECT n, 1 + (n - 1) %% %(white_labels)s AS w, now() - interval '1 hour' * (n %% 9000) AS asked_at,
    (ARRAY['ACTIVE', 'ACTIVE', 'REFUSED', 'EXPIRED', 'WITHDRAWN', 'ACTIVE', 'VERIFYING', 'APPROVED', 'REFUSED',
           'REQUESTED'])[1 + (n - 1) / %(white_labels)s %% 10] AS state
    FROM generate_series(1, %(domains)s) AS n) AS request;

INSERT INTO whitelabel_dnsrecord (type, name, value, added_at, status, observed_status, published, replacement,
    sending_domain_id)
SELECT 'TXT', 'k' || k || '._domainkey.' || domain, 'v=DKIM1; k=rsa; p=' || repeat(md5(domain), 8), requested_at,
    CASE state WHEN 'ACTIVE' THEN 'OK' ELSE 'PENDING' END, '', '', '', id
FROM whitelabel_sendingdomain, generate_series(1, 3) AS k WHERE id > %(domain_0)s;

INSERT INTO whitelabel_domainevent (at, transition, from_state, to_state, actor, who, words, person_id,
    sending_domain_id)
SELECT requested_at + interval '1 hour' * k, (ARRAY['REQUEST', 'ANSWER', 'VERIFY'])[k], 'REQUESTED', state,
    'WHITE_LABEL', '', '', requested_by_id, id
FROM whitelabel_sendingdomain, generate_series(1, CASE state WHEN 'REQUESTED' THEN 1 ELSE 3 END) AS k
WHERE id > %(domain_0)s;
