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
ALTER TABLE "policies" DROP CONSTRAINT "policies_kind_check";--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_kind_check" CHECK ("policies"."kind" in ('privacy', 'terms', 'cookies', 'acceptable-use', 'imprint', 'subprocessors', 'page'));