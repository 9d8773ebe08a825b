ALTER TABLE "event" ADD COLUMN "edition_digest" "bytea";--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "revision_digest" "bytea";--> statement-breakpoint
UPDATE "event" SET "edition_digest" = decode(substring("body"->'edition'->>'digest' from '^sha256:([0-9a-f]{64})$'), 'hex');--> statement-breakpoint
-- The record is canonical, and a quotation mark inside a text is escaped: these characters are that member and nothing else.
UPDATE "standard" s SET "revision_digest" = decode(substring(e."record" from '"revisionOf":\{"digest":"sha256:([0-9a-f]{64})"'), 'hex')
	FROM "entry" e WHERE s."revision_of" IS NOT NULL AND e."log_id" = s."log_id" AND e."index" = s."index";
