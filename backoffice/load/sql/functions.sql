-- What the steps share. All is a function of a number, so that several statements agree on each row.

-- A share of 1 that belongs to number n, another one for each k.
CREATE OR REPLACE FUNCTION pg_temp.share(n bigint, k bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(n, k) & 2147483647) / 2147483648.0::double precision $$;

-- One of some thousand words that can be spoken.
CREATE OR REPLACE FUNCTION pg_temp.word(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT s[1 + n % 40] || s[1 + n / 40 % 40] || s[1 + n / 1600 % 40] FROM (SELECT string_to_array(
    'ba be bi bo bu da de di do du fa fe fi fo fu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru',
    ' ')) AS syllables(s) $$;

-- The white-label, by number, of an application, by number: none of every fiftieth. The last white-label has no
-- application, the last but one only the last application.
CREATE OR REPLACE FUNCTION pg_temp.white_label_of(application bigint, white_labels bigint, applications bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN application = applications THEN white_labels - 1
               WHEN application % 50 = 0 THEN NULL
               ELSE 1 + (application - 1) % greatest(white_labels - 2, 1) END $$;

-- Who owns an application, as the number of a person: mostly an admin of its white-label.
CREATE OR REPLACE FUNCTION pg_temp.owner_of(application bigint, white_label bigint, people bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN white_label IS NOT NULL AND application % 10 < 7 THEN (white_label - 1) * 4 + 1 + application % 3
               ELSE 1 + application % people END $$;

-- Message number n of so many: a twentieth of the time they came evenly, and one part in fifty is a campaign of an hour.
CREATE OR REPLACE FUNCTION pg_temp.accepted_at(n bigint, deliveries bigint) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT date_trunc('hour', now()) - interval '365 days' * CASE
       WHEN n > deliveries * 0.9 AND n <= deliveries * 0.92
       THEN 0.1 - (n - deliveries * 0.9) / (deliveries * 0.02) / 8760
       ELSE 1 - n::double precision / deliveries END $$;

CREATE OR REPLACE FUNCTION pg_temp.is_campaign(n bigint, deliveries bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT n > deliveries * 0.9 AND n <= deliveries * 0.92 $$;
