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
ALTER TABLE "policies" ADD CONSTRAINT "policies_kind_check" CHECK ("policies"."kind" in ('privacy', 'terms', 'cookies', 'acceptable-use', 'imprint', 'subprocessors', 'page'));--> statement-breakpoint
CREATE TABLE "email_codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"user_id" uuid,
	"code_hash" "bytea",
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
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
CREATE TABLE "public_face" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"home" text DEFAULT 'auto' NOT NULL,
	"texts" jsonb NOT NULL,
	"links" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "public_face_singleton_check" CHECK ("public_face"."singleton"),
	CONSTRAINT "public_face_home_check" CHECK ("public_face"."home" in ('auto', 'shown', 'hidden'))
);
--> statement-breakpoint
CREATE TABLE "request_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"from" text NOT NULL,
	"text" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" uuid,
	"message_id" text,
	CONSTRAINT "request_messages_from_check" CHECK ("request_messages"."from" in ('sender', 'operator', 'note'))
);
--> statement-breakpoint
CREATE TABLE "request_proofs" (
	"challenge" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "request_templates" (
	"language" text NOT NULL,
	"title" text NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "request_templates_language_title_pk" PRIMARY KEY("language","title"),
	CONSTRAINT "request_templates_language_check" CHECK ("request_templates"."language" in ('en', 'de'))
);
--> statement-breakpoint
CREATE TABLE "request_tokens" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "retention_settings" (
	"kind" text PRIMARY KEY NOT NULL,
	"days" integer,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"changed_by" uuid,
	CONSTRAINT "retention_settings_days_check" CHECK ("retention_settings"."days" > 0)
);
--> statement-breakpoint
CREATE TABLE "reply_inboxes" (
	"mailbox" text PRIMARY KEY NOT NULL,
	"validity" text NOT NULL,
	"uid" integer NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "requests" DROP CONSTRAINT "requests_kind_check";--> statement-breakpoint
ALTER TABLE "requests" DROP CONSTRAINT "requests_state_check";--> statement-breakpoint
ALTER TABLE "requests" DROP CONSTRAINT "requests_handled_at_check";--> statement-breakpoint
DROP INDEX "requests_state_created_at_index";--> statement-breakpoint
ALTER TABLE "purges" ALTER COLUMN "asked_by" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "email_code_hash" "bytea";--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "via" text DEFAULT 'web' NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "ip" text;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "email_key" text;--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD COLUMN "roles_given_by" uuid;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "reference" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "right" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "received_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "confirmed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "assignee_id" uuid;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "extended_reason" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "overdue_told_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "outcome" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "workspace_id" uuid;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "policy_slug" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "policy_number" integer;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "policy_sha256" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "news" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "user_id" uuid;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "context" jsonb;--> statement-breakpoint
-- Those that are there came before there was a confirmation: they are in the inbox. Numbered, so that no two references are the same.
UPDATE "requests" SET "reference" = given."reference", "language" = 'en', "received_at" = "created_at" FROM (SELECT "id", upper('R-' || substr(md5("id"::text), 1, 4) || '-' || lpad(to_hex(row_number() OVER (ORDER BY "id")), 4, '0')) AS "reference" FROM "requests") AS given WHERE given."id" = "requests"."id";--> statement-breakpoint
ALTER TABLE "requests" ALTER COLUMN "reference" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "requests" ALTER COLUMN "language" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "email_factor_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "references" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "email_codes" ADD CONSTRAINT "email_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "request_messages" ADD CONSTRAINT "request_messages_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "request_messages" ADD CONSTRAINT "request_messages_by_users_id_fk" FOREIGN KEY ("by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "request_tokens" ADD CONSTRAINT "request_tokens_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retention_settings" ADD CONSTRAINT "retention_settings_changed_by_users_id_fk" FOREIGN KEY ("changed_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "email_codes_token_hash_unique" ON "email_codes" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "email_codes_user_id_index" ON "email_codes" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "request_messages_request_id_index" ON "request_messages" USING btree ("request_id","at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "request_messages_message_id_unique" ON "request_messages" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "request_tokens_request_id_index" ON "request_tokens" USING btree ("request_id");--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD CONSTRAINT "oidc_providers_roles_given_by_users_id_fk" FOREIGN KEY ("roles_given_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_assignee_id_users_id_fk" FOREIGN KEY ("assignee_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invitations_email_key_index" ON "invitations" USING btree ("email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "requests_reference_unique" ON "requests" USING btree ("reference");--> statement-breakpoint
CREATE INDEX "requests_state_received_at_index" ON "requests" USING btree ("state","received_at","id");--> statement-breakpoint
CREATE INDEX "requests_due_at_index" ON "requests" USING btree ("due_at") WHERE "requests"."handled_at" is null;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_right_check" CHECK (("requests"."kind" = 'privacy') = ("requests"."right" is not null) and "requests"."right" in ('access', 'correction', 'export', 'deletion', 'objection'));--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_received_at_check" CHECK ("requests"."received_at" is not null or "requests"."state" = 'new');--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_kind_check" CHECK ("requests"."kind" in ('access', 'onboarding', 'question', 'support', 'privacy'));--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_state_check" CHECK ("requests"."state" in ('new', 'in_progress', 'answered', 'approved', 'declined', 'spam'));--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_handled_at_check" CHECK (("requests"."state" in ('new', 'in_progress')) = ("requests"."handled_at" is null));--> statement-breakpoint
-- Nobody has written down who gave the roles: the one who has owned the workspace for longest answers for them.
UPDATE "oidc_providers" SET "roles_given_by" = (
	SELECT "members"."user_id" FROM "members" WHERE "members"."workspace_id" = "oidc_providers"."join_workspace_id" AND "members"."role" = 'owner' ORDER BY "members"."created_at", "members"."id" LIMIT 1
) WHERE "join_workspace_id" IS NOT NULL;--> statement-breakpoint
-- Until now nobody deleted what is in the trash by its age. Where people rely on that, it goes on until an operator chooses; a new deployment begins with the default.
INSERT INTO "retention_settings" ("kind", "days", "changed_at") SELECT 'trash', NULL, now() FROM "instance" WHERE "set_up_at" IS NOT NULL;
