CREATE TABLE "mail_attempts" (
	"mail_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"began_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"outcome" text,
	"reply" text,
	CONSTRAINT "mail_attempts_mail_id_number_pk" PRIMARY KEY("mail_id","number"),
	CONSTRAINT "mail_attempts_outcome_check" CHECK ("mail_attempts"."outcome" in ('sent', 'later', 'refused', 'cut')),
	CONSTRAINT "mail_attempts_ended_at_check" CHECK (("mail_attempts"."outcome" is null) = ("mail_attempts"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "mail_suppressions" (
	"address_key" text PRIMARY KEY NOT NULL,
	"reply" text NOT NULL,
	"mail_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mails" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"message_id" text NOT NULL,
	"template" text NOT NULL,
	"language" text NOT NULL,
	"to_address" text NOT NULL,
	"to_key" text NOT NULL,
	"to_name" text NOT NULL,
	"sender" text NOT NULL,
	"subject" text NOT NULL,
	"data" jsonb NOT NULL,
	"sealed" "bytea",
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"give_up_at" timestamp (3) with time zone NOT NULL,
	"useful_until" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "mails_state_check" CHECK ("mails"."state" in ('waiting', 'sent', 'failed', 'suppressed', 'expired')),
	CONSTRAINT "mails_waiting_check" CHECK (("mails"."state" = 'waiting') = ("mails"."next_attempt_at" is not null) and ("mails"."state" = 'waiting') = ("mails"."ended_at" is null))
);
--> statement-breakpoint
ALTER TABLE "mail_attempts" ADD CONSTRAINT "mail_attempts_mail_id_mails_id_fk" FOREIGN KEY ("mail_id") REFERENCES "public"."mails"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mail_suppressions" ADD CONSTRAINT "mail_suppressions_mail_id_mails_id_fk" FOREIGN KEY ("mail_id") REFERENCES "public"."mails"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mail_attempts_began_at_index" ON "mail_attempts" USING btree ("began_at");--> statement-breakpoint
CREATE INDEX "mail_suppressions_mail_id_index" ON "mail_suppressions" USING btree ("mail_id");--> statement-breakpoint
CREATE UNIQUE INDEX "mails_key_unique" ON "mails" USING btree ("key");--> statement-breakpoint
CREATE INDEX "mails_due_index" ON "mails" USING btree ("next_attempt_at","id") WHERE "mails"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "mails_created_at_index" ON "mails" USING btree ("created_at","id");