CREATE TABLE "blob" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"size" bigint,
	"erased" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attachment" ADD COLUMN "wanted" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "attachment" ADD COLUMN "tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "attachment" ADD COLUMN "fault" text;--> statement-breakpoint
ALTER TABLE "attachment" ADD COLUMN "bound" bigint;--> statement-breakpoint
CREATE INDEX "blob_erased" ON "blob" USING btree ("digest") WHERE "blob"."erased" or "blob"."size" is null;--> statement-breakpoint
CREATE INDEX "attachment_wanted" ON "attachment" USING btree ("log_id","tries","index") WHERE "attachment"."wanted";