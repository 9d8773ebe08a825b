CREATE TABLE "witnessed_note" (
	"log_id" integer NOT NULL,
	"size" bigint NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "witnessed_note_log_id_size_pk" PRIMARY KEY("log_id","size")
);
--> statement-breakpoint
INSERT INTO "witnessed_note" ("log_id", "size", "note") SELECT "id", "witnessed_size", "witnessed" FROM "log" WHERE "witnessed" IS NOT NULL;