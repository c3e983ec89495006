-- Content is kept for 30 days (see `delivery.outbox.retention`). The terms are those of `delivery.log.terms`.
INSERT INTO delivery_email (id, application_id, white_label_id, message_id, accepted_at, wanted_name, wanted_address,
    reply_to, subject, content, smtputf8, null_reverse_path, key_prefix, test, tags, terms)
SELECT email_id, %(application_0)s + application, %(white_label_0)s + white_label, '<' || md5(email_id::text)
    || '@load.example>', accepted_at, '', '', '', subject,
    CASE WHEN accepted_at > now() - interval '30 days' THEN convert_to('To: ' || local_part || '@' || domain
        || E'\r\n\r\n' || repeat('Thank you for your order. ', 20), 'UTF8') END,
    false, false, '', status = 'TEST', '[]',
    array_to_tsvector(
        ARRAY['#d' || floor(extract(epoch FROM accepted_at) / 86400), '#t' || coalesce(%(white_label_0)s + white_label, 0),
              '#a' || %(application_0)s + application, local_part || '@' || domain, domain]
        || string_to_array(local_part, '.') || string_to_array(lower(replace(subject, ',', '')), ' '))
FROM load_mail ORDER BY n;
