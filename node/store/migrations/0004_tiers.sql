CREATE TABLE "attachment" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"digest" "bytea" NOT NULL,
	"media_type" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "attachment_log_id_index_digest_pk" PRIMARY KEY("log_id","index","digest")
);
--> statement-breakpoint
CREATE TABLE "disclosure" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"disclosed" bigint NOT NULL,
	"digest" "bytea" NOT NULL,
	"salt" "bytea" NOT NULL,
	CONSTRAINT "disclosure_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE TABLE "opening" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"salt" "bytea",
	"erased_by" bigint,
	CONSTRAINT "opening_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE TABLE "request_proof" (
	"id" "bytea" PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "entry" ADD COLUMN "audience" text;--> statement-breakpoint
ALTER TABLE "event" ADD COLUMN "tier" text DEFAULT 'public' NOT NULL;--> statement-breakpoint
ALTER TABLE "event" ADD COLUMN "audience" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "tier" text DEFAULT 'public' NOT NULL;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "audience" text;--> statement-breakpoint
CREATE INDEX "attachment_digest" ON "attachment" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "disclosure_disclosed" ON "disclosure" USING btree ("log_id","disclosed");