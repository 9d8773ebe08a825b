CREATE TABLE "holding_note" (
	"log_id" integer NOT NULL,
	"holder" text NOT NULL,
	"size" bigint NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "holding_note_log_id_holder_size_pk" PRIMARY KEY("log_id","holder","size")
);
