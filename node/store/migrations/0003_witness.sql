CREATE TABLE "sighting" (
	"log_id" integer NOT NULL,
	"key" text NOT NULL,
	"size" bigint NOT NULL,
	"first" bigint NOT NULL,
	"last" bigint NOT NULL,
	CONSTRAINT "sighting_log_id_key_size_pk" PRIMARY KEY("log_id","key","size")
);
--> statement-breakpoint
CREATE TABLE "witness" (
	"origin" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"note" text NOT NULL,
	"time" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "log" ADD COLUMN "witnessed" text;--> statement-breakpoint
ALTER TABLE "log" ADD COLUMN "witnessed_size" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "log" ADD COLUMN "holding" text;--> statement-breakpoint
ALTER TABLE "log" ADD COLUMN "holding_size" bigint DEFAULT 0 NOT NULL;