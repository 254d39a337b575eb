CREATE TABLE "policy_answers" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"contact_by_form" boolean DEFAULT false NOT NULL,
	"vendors" jsonb,
	"backups" jsonb,
	"plans" jsonb,
	"jurisdiction" text,
	"authority" text,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "policy_answers_singleton_check" CHECK ("policy_answers"."singleton")
);
--> statement-breakpoint
CREATE TABLE "reply_inboxes" (
	"mailbox" text PRIMARY KEY NOT NULL,
	"validity" text NOT NULL,
	"uid" integer NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL
);
