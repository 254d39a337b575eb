CREATE TABLE "oidc_providers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"issuer" text NOT NULL,
	"client_id" text NOT NULL,
	"client_secret" "bytea",
	"scopes" text DEFAULT 'openid email profile' NOT NULL,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"trusted_domains" text[] DEFAULT '{}' NOT NULL,
	"join_workspace_id" uuid,
	"join_role" text DEFAULT 'staff' NOT NULL,
	"role_claim" text,
	"role_map" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "oidc_providers_join_role_check" CHECK ("oidc_providers"."join_role" in ('admin', 'staff'))
);
--> statement-breakpoint
CREATE TABLE "oidc_identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"label" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "oidc_states" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state_hash" "bytea" NOT NULL,
	"provider_id" uuid NOT NULL,
	"code_verifier" text NOT NULL,
	"nonce" text NOT NULL,
	"purpose" text NOT NULL,
	"next" text NOT NULL,
	"session_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "oidc_states_session_check" CHECK (("oidc_states"."purpose" = 'sign-in') = ("oidc_states"."session_id" is null))
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "oidc_provider_id" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "oidc_sid" text;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "oidc_provider_id" uuid;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "oidc_sid" text;--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD CONSTRAINT "oidc_providers_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD CONSTRAINT "oidc_providers_join_workspace_id_workspaces_id_fk" FOREIGN KEY ("join_workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oidc_identities" ADD CONSTRAINT "oidc_identities_provider_id_oidc_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."oidc_providers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oidc_identities" ADD CONSTRAINT "oidc_identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oidc_states" ADD CONSTRAINT "oidc_states_provider_id_oidc_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."oidc_providers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oidc_states" ADD CONSTRAINT "oidc_states_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "oidc_providers_slug_unique" ON "oidc_providers" USING btree ("slug");--> statement-breakpoint
CREATE UNIQUE INDEX "oidc_identities_provider_id_subject_unique" ON "oidc_identities" USING btree ("provider_id","subject");--> statement-breakpoint
CREATE UNIQUE INDEX "oidc_identities_user_id_provider_id_unique" ON "oidc_identities" USING btree ("user_id","provider_id");--> statement-breakpoint
CREATE UNIQUE INDEX "oidc_states_state_hash_unique" ON "oidc_states" USING btree ("state_hash");--> statement-breakpoint
CREATE INDEX "oidc_states_session_id_index" ON "oidc_states" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "oidc_states_expires_at_index" ON "oidc_states" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_oidc_provider_id_oidc_providers_id_fk" FOREIGN KEY ("oidc_provider_id") REFERENCES "public"."oidc_providers"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD CONSTRAINT "sign_in_steps_oidc_provider_id_oidc_providers_id_fk" FOREIGN KEY ("oidc_provider_id") REFERENCES "public"."oidc_providers"("id") ON DELETE cascade ON UPDATE no action;