CREATE TABLE "statement" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"tier" text DEFAULT 'public' NOT NULL,
	"audience" text,
	"record_id" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"issuer" text NOT NULL,
	"type" text NOT NULL,
	"topic" text NOT NULL,
	CONSTRAINT "statement_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE INDEX "statement_topic" ON "statement" USING btree ("type","topic");--> statement-breakpoint
CREATE INDEX "statement_record" ON "statement" USING btree ("record_id");