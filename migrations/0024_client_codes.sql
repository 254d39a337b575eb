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
ALTER TABLE "sign_in_steps" ADD COLUMN "email_code_hash" "bytea";--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "via" text DEFAULT 'web' NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "ip" text;--> statement-breakpoint
ALTER TABLE "sign_in_steps" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "email_key" text;--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD COLUMN "roles_given_by" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "email_factor_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "email_codes" ADD CONSTRAINT "email_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "email_codes_token_hash_unique" ON "email_codes" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "email_codes_user_id_index" ON "email_codes" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD CONSTRAINT "oidc_providers_roles_given_by_users_id_fk" FOREIGN KEY ("roles_given_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invitations_email_key_index" ON "invitations" USING btree ("email_key");--> statement-breakpoint
-- Nobody has written down who gave the roles: the one who has owned the workspace for longest answers for them.
UPDATE "oidc_providers" SET "roles_given_by" = (
	SELECT "members"."user_id" FROM "members" WHERE "members"."workspace_id" = "oidc_providers"."join_workspace_id" AND "members"."role" = 'owner' ORDER BY "members"."created_at", "members"."id" LIMIT 1
) WHERE "join_workspace_id" IS NOT NULL;
