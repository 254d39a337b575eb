CREATE TABLE "orphans" (
	"key" text NOT NULL,
	"ref" text DEFAULT '' NOT NULL,
	"bytes" bigint,
	"found_at" timestamp (3) with time zone NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	CONSTRAINT "orphans_pkey" PRIMARY KEY("key","ref"),
	CONSTRAINT "orphans_state_check" CHECK ("orphans"."state" in ('waiting', 'kept', 'released'))
);
--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "identity" uuid;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "use_announced_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "use_noted_at" timestamp (3) with time zone;