CREATE TABLE "policy_drafts" (
	"policy_id" uuid NOT NULL,
	"language" text NOT NULL,
	"title" text NOT NULL,
	"markdown" text NOT NULL,
	"highlights" jsonb DEFAULT '[]'::jsonb NOT NULL,
	CONSTRAINT "policy_drafts_policy_id_language_pk" PRIMARY KEY("policy_id","language")
);
--> statement-breakpoint
CREATE TABLE "policy_drifts" (
	"version_id" uuid NOT NULL,
	"fact" text NOT NULL,
	"value" jsonb NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "policy_drifts_version_id_fact_pk" PRIMARY KEY("version_id","fact")
);
--> statement-breakpoint
CREATE TABLE "policy_texts" (
	"version_id" uuid NOT NULL,
	"language" text NOT NULL,
	"title" text NOT NULL,
	"summary" text NOT NULL,
	"highlights" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"source" text NOT NULL,
	"markdown" text NOT NULL,
	"places" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "policy_texts_version_id_language_pk" PRIMARY KEY("version_id","language")
);
--> statement-breakpoint
ALTER TABLE "policies" DROP CONSTRAINT "policies_kind_check";--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "time_zone" text DEFAULT 'UTC' NOT NULL;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "policy_language" text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "policy_review" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "acceptance" text DEFAULT 'use' NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "edited_by" uuid;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "approved_by" uuid;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "approved_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "approved_sha256" text;--> statement-breakpoint
ALTER TABLE "policy_versions" ADD COLUMN "accept_again" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "policy_drafts" ADD CONSTRAINT "policy_drafts_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_drifts" ADD CONSTRAINT "policy_drifts_version_id_policy_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."policy_versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_texts" ADD CONSTRAINT "policy_texts_version_id_policy_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."policy_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_edited_by_users_id_fk" FOREIGN KEY ("edited_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_approved_by_users_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
INSERT INTO "policy_drafts" ("policy_id", "language", "title", "markdown") SELECT "id", 'en', "draft_title", "draft_markdown" FROM "policies";--> statement-breakpoint
INSERT INTO "policy_texts" ("version_id", "language", "title", "summary", "source", "markdown", "sha256") SELECT "id", 'en', "title", "summary", "markdown", "markdown", "sha256" FROM "policy_versions";--> statement-breakpoint
ALTER TABLE "policies" DROP COLUMN "draft_title";--> statement-breakpoint
ALTER TABLE "policies" DROP COLUMN "draft_markdown";--> statement-breakpoint
ALTER TABLE "policy_versions" DROP COLUMN "title";--> statement-breakpoint
ALTER TABLE "policy_versions" DROP COLUMN "markdown";--> statement-breakpoint
ALTER TABLE "policy_versions" DROP COLUMN "summary";--> statement-breakpoint
ALTER TABLE "policy_versions" DROP COLUMN "sha256";--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_acceptance_check" CHECK ("policies"."acceptance" in ('use', 'explicit'));--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_kind_check" CHECK ("policies"."kind" in ('privacy', 'terms', 'cookies', 'acceptable-use', 'imprint', 'subprocessors', 'page'));