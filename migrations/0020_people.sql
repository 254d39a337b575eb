CREATE TABLE "registrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"email_key" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recovery_codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "totp_factors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"secret" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"last_step" bigint,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "notification_choices" (
	"user_id" uuid NOT NULL,
	"type" text NOT NULL,
	"workspace_id" uuid,
	"channel" text NOT NULL,
	CONSTRAINT "notification_choices_unique" UNIQUE NULLS NOT DISTINCT("user_id","type","workspace_id"),
	CONSTRAINT "notification_choices_channel_check" CHECK ("notification_choices"."channel" in ('off', 'app'))
);
--> statement-breakpoint
CREATE TABLE "notification_events" (
	"line_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" uuid,
	"subject_name" text NOT NULL,
	"details" jsonb NOT NULL,
	CONSTRAINT "notification_events_pkey" PRIMARY KEY("line_id","seq")
);
--> statement-breakpoint
CREATE TABLE "notification_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"workspace_id" uuid,
	"type" text NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"actor_name" text NOT NULL,
	"place_id" uuid,
	"place_name" text,
	"last_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"user_id" uuid NOT NULL,
	"line_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	"read_at" timestamp (3) with time zone,
	CONSTRAINT "notifications_pkey" PRIMARY KEY("line_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "access_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"workspace_id" uuid,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"last_used_ip" text,
	CONSTRAINT "access_tokens_scopes_check" CHECK ("access_tokens"."scopes" <@ array['read', 'write', 'links', 'admin'] and "access_tokens"."scopes" <> '{}')
);
--> statement-breakpoint
CREATE TABLE "email_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"from_email" text NOT NULL,
	"from_key" text NOT NULL,
	"to_email" text NOT NULL,
	"to_key" text NOT NULL,
	"token_hash" "bytea",
	"is_mailed" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"changed_at" timestamp (3) with time zone,
	"undo_hash" "bytea",
	"undo_until" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "stepped_up_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "download_tickets" ADD COLUMN "access_token_id" uuid;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "registration" text DEFAULT 'invitation' NOT NULL;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "registration_domains" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "mailed_token_hash" "bytea";--> statement-breakpoint
ALTER TABLE "uploads" ADD COLUMN "access_token_id" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "email_verified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD CONSTRAINT "sign_in_steps_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "totp_factors" ADD CONSTRAINT "totp_factors_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_choices" ADD CONSTRAINT "notification_choices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_choices" ADD CONSTRAINT "notification_choices_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_events" ADD CONSTRAINT "notification_events_line_id_notification_lines_id_fk" FOREIGN KEY ("line_id") REFERENCES "public"."notification_lines"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_lines" ADD CONSTRAINT "notification_lines_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_line_id_notification_lines_id_fk" FOREIGN KEY ("line_id") REFERENCES "public"."notification_lines"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "email_changes" ADD CONSTRAINT "email_changes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "registrations_email_key_unique" ON "registrations" USING btree ("email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "registrations_token_hash_unique" ON "registrations" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "sign_in_steps_token_hash_unique" ON "sign_in_steps" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sign_in_steps_user_id_index" ON "sign_in_steps" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "recovery_codes_user_id_index" ON "recovery_codes" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "totp_factors_user_id_unique" ON "totp_factors" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "notification_choices_workspace_id_index" ON "notification_choices" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "notification_events_subject_id_index" ON "notification_events" USING btree ("subject_id");--> statement-breakpoint
CREATE UNIQUE INDEX "notification_lines_key_unique" ON "notification_lines" USING btree ("key");--> statement-breakpoint
CREATE INDEX "notification_lines_last_at_index" ON "notification_lines" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "notification_lines_workspace_id_index" ON "notification_lines" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "notification_lines_actor_id_index" ON "notification_lines" USING btree ("actor_id");--> statement-breakpoint
CREATE INDEX "notification_lines_place_id_index" ON "notification_lines" USING btree ("place_id");--> statement-breakpoint
CREATE INDEX "notifications_user_id_index" ON "notifications" USING btree ("user_id","at","line_id");--> statement-breakpoint
CREATE INDEX "notifications_unread_index" ON "notifications" USING btree ("user_id","at","line_id") WHERE "notifications"."read_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "access_tokens_token_hash_unique" ON "access_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "access_tokens_user_id_index" ON "access_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "access_tokens_workspace_id_index" ON "access_tokens" USING btree ("workspace_id");--> statement-breakpoint
CREATE UNIQUE INDEX "email_changes_token_hash_unique" ON "email_changes" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "email_changes_undo_hash_unique" ON "email_changes" USING btree ("undo_hash");--> statement-breakpoint
CREATE INDEX "email_changes_user_id_index" ON "email_changes" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "email_changes_from_key_index" ON "email_changes" USING btree ("from_key");--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_mailed_token_hash_unique" ON "invitations" USING btree ("mailed_token_hash");--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_registration_check" CHECK ("instance"."registration" in ('invitation', 'closed', 'domain', 'open'));