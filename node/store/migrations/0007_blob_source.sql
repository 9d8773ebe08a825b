CREATE TABLE "blob_source" (
	"log_id" integer NOT NULL,
	"digest" "bytea" NOT NULL,
	CONSTRAINT "blob_source_log_id_digest_pk" PRIMARY KEY("log_id","digest")
);
--> statement-breakpoint
ALTER TABLE "blob" ADD COLUMN "attached" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "blob_source_digest" ON "blob_source" USING btree ("digest");--> statement-breakpoint
UPDATE "blob" SET "attached" = true WHERE NOT EXISTS (SELECT 1 FROM "attachment" a WHERE a."digest" = "blob"."digest") OR EXISTS (SELECT 1 FROM "attachment" a JOIN "log" l ON l."id" = a."log_id" WHERE l."own" AND a."digest" = "blob"."digest");--> statement-breakpoint
INSERT INTO "blob_source" ("log_id", "digest") SELECT DISTINCT a."log_id", a."digest" FROM "attachment" a JOIN "log" l ON l."id" = a."log_id" JOIN "blob" b ON b."digest" = a."digest" WHERE NOT l."own" AND NOT a."wanted" AND b."size" IS NOT NULL;
