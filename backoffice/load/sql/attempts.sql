INSERT INTO delivery_attempt (delivery_id, at, milliseconds, rule, server_name, sender, reply_to, reasons, outcome,
    phase, reply_code, enhanced_code, reply_text, peer_address, tls, possible_duplicate)
SELECT id, accepted_at + interval '2 seconds', 80 + id %% 300, 3, 'smtp.platform.example:587',
    'no-reply@platform.example', '', '["The platform''s custom SMTP is on."]',
    CASE status WHEN 'SENT' THEN 'SENT' WHEN 'FAILED' THEN 'PERMANENT' WHEN 'UNCERTAIN' THEN 'UNCERTAIN'
                ELSE 'TRANSIENT' END,
    CASE status WHEN 'SENT' THEN 'DONE' ELSE 'RCPT' END,
    CASE status WHEN 'SENT' THEN 250 WHEN 'FAILED' THEN 550 ELSE 451 END, '', '', '192.0.2.25', 'TLSv1.3', false
FROM delivery_delivery WHERE id > %(delivery_0)s AND attempt_count > 0;
