CREATE TABLE "backups" (
	"id" text PRIMARY KEY NOT NULL,
	"place" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"problem" text,
	"objects" integer DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"new_bytes" bigint DEFAULT 0 NOT NULL,
	"damaged" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "restores" (
	"backup_id" text PRIMARY KEY NOT NULL,
	"loaded_at" timestamp (3) with time zone NOT NULL,
	"proved_at" timestamp (3) with time zone,
	CONSTRAINT "restores_proved_at_check" CHECK ("restores"."proved_at" >= "restores"."loaded_at")
);
--> statement-breakpoint
CREATE INDEX "backups_started_at_index" ON "backups" USING btree ("started_at");