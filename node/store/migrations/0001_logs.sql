CREATE TABLE "claim" (
	"log_id" integer NOT NULL,
	"name" text NOT NULL,
	"index" bigint NOT NULL,
	"record_id" text NOT NULL,
	CONSTRAINT "claim_log_id_name_pk" PRIMARY KEY("log_id","name")
);
--> statement-breakpoint
CREATE TABLE "entry" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"bytes" "bytea" NOT NULL,
	"tier" text,
	"digest" "bytea",
	"record_id" text,
	"record" text,
	"fault" text,
	CONSTRAINT "entry_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE TABLE "event" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"record_id" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"issuer" text NOT NULL,
	"edition_id" text NOT NULL,
	"event_kind" text NOT NULL,
	"on_date" date NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "event_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"key" text PRIMARY KEY NOT NULL,
	"body" text NOT NULL,
	"first" bigint NOT NULL,
	"amount" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log" (
	"id" serial PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"own" boolean NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"last_at" text DEFAULT '' NOT NULL,
	"checkpoint" text,
	"checkpoint_size" bigint DEFAULT 0 NOT NULL,
	"pending" text,
	"pending_size" bigint DEFAULT 0 NOT NULL,
	"etag" text,
	"visible" bigint DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"fault" jsonb,
	"checked_at" timestamp with time zone,
	CONSTRAINT "log_origin_unique" UNIQUE("origin")
);
--> statement-breakpoint
CREATE TABLE "quarantine" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"code" text NOT NULL,
	"detail" text NOT NULL,
	"pointer" text,
	"record" "bytea",
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"program" text NOT NULL,
	CONSTRAINT "quarantine_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE TABLE "standard" (
	"log_id" integer NOT NULL,
	"index" bigint NOT NULL,
	"record_id" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"issuer" text NOT NULL,
	"title_zh" text NOT NULL,
	"keys" text[] NOT NULL,
	"work_keys" text[] NOT NULL,
	"level" text NOT NULL,
	"class" text NOT NULL,
	"published_on" date,
	"effective_on" date,
	"abolished_on" date,
	"revision_of" text,
	"synthetic" boolean NOT NULL,
	"search" text NOT NULL,
	CONSTRAINT "standard_log_id_index_pk" PRIMARY KEY("log_id","index")
);
--> statement-breakpoint
CREATE TABLE "tile" (
	"log_id" integer NOT NULL,
	"level" smallint NOT NULL,
	"index" bigint NOT NULL,
	"hashes" "bytea" NOT NULL,
	CONSTRAINT "tile_log_id_level_index_pk" PRIMARY KEY("log_id","level","index")
);
--> statement-breakpoint
CREATE INDEX "entry_digest" ON "entry" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "entry_record_id" ON "entry" USING btree ("record_id");--> statement-breakpoint
CREATE INDEX "event_edition" ON "event" USING btree ("edition_id");--> statement-breakpoint
CREATE UNIQUE INDEX "standard_record_id" ON "standard" USING btree ("record_id");--> statement-breakpoint
CREATE INDEX "standard_revision_of" ON "standard" USING btree ("revision_of") WHERE "standard"."revision_of" is not null;--> statement-breakpoint
CREATE INDEX "standard_keys" ON "standard" USING gin ("keys");--> statement-breakpoint
CREATE INDEX "standard_search" ON "standard" USING gin ("search" gin_trgm_ops);