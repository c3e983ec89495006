-- A chain, each entry with the digest of `people.models.AuditEntry.compute_digest`, after the newest there is.
INSERT INTO people_audithead (id, digest) VALUES (1, '') ON CONFLICT DO NOTHING;

DO $$
DECLARE
    entry record;
    last text := (SELECT digest FROM people_audithead WHERE id = 1);
    next text;
BEGIN
    FOR entry IN
        SELECT n, date_trunc('second', now() - interval '365 days' * (1 - n::double precision / %(audit_entries)s)) AS at,
            person.id AS person_id, person.email AS who, application.white_label_id, '192.0.2.' || n %% 250 AS address,
            'whitelabel.application.change' AS act, '/backoffice/applications/' || application.id || '/change/' AS path,
            '[{"after":"' || n || '","before":"0","field":"daily_limit","thing":"whitelabel.application '
                || application.id || '"}]' AS changes
        FROM generate_series(1, %(audit_entries)s) AS n
        JOIN whitelabel_application AS application ON application.id = %(application_0)s + 1 + n %% %(applications)s
        JOIN people_user AS person
            ON person.id = CASE WHEN n %% 3 = 0 THEN %(person_0)s + 1 ELSE application.owner_id END
        ORDER BY n
    LOOP
        next := encode(sha256(convert_to(format('["%%s","%%s+00:00",%%s,"%%s",%%s,"%%s","%%s","%%s",%%s,null]', last,
            to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'), entry.person_id, entry.who,
            coalesce(entry.white_label_id::text, 'null'), entry.address, entry.act, entry.path, entry.changes),
            'UTF8')), 'hex');
        INSERT INTO people_auditentry (id, at, person_id, who, white_label_id, address, act, path, changes, detail,
            previous, digest)
        VALUES (%(audit_0)s + entry.n, entry.at, entry.person_id, entry.who, entry.white_label_id, entry.address,
            entry.act, entry.path, entry.changes::jsonb, NULL, last, next);
        last := next;
    END LOOP;
    UPDATE people_audithead SET digest = last WHERE id = 1;
END $$;
