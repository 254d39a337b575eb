CREATE TABLE "policy_acceptances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"language" text NOT NULL,
	"sha256" text NOT NULL,
	"user_id" uuid,
	"email" text,
	"place" text NOT NULL,
	"request_id" uuid,
	"accepted_at" timestamp (3) with time zone NOT NULL,
	"ip" text,
	CONSTRAINT "policy_acceptances_who_check" CHECK ("policy_acceptances"."user_id" is not null or "policy_acceptances"."email" is not null),
	CONSTRAINT "policy_acceptances_place_check" CHECK ("policy_acceptances"."place" in ('sign-in', 'invitation', 'registration', 'account', 'request'))
);
--> statement-breakpoint
DROP INDEX "policies_slug_unique";--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "workspace_id" uuid;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "source" text DEFAULT 'app' NOT NULL;--> statement-breakpoint
ALTER TABLE "policy_acceptances" ADD CONSTRAINT "policy_acceptances_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_acceptances" ADD CONSTRAINT "policy_acceptances_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_acceptances" ADD CONSTRAINT "policy_acceptances_text_fk" FOREIGN KEY ("version_id","language") REFERENCES "public"."policy_texts"("version_id","language") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "policy_acceptances_user_version_unique" ON "policy_acceptances" USING btree ("user_id","version_id") WHERE "policy_acceptances"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "policy_acceptances_version_id_index" ON "policy_acceptances" USING btree ("version_id","accepted_at","id");--> statement-breakpoint
CREATE INDEX "policy_acceptances_request_id_index" ON "policy_acceptances" USING btree ("request_id") WHERE "policy_acceptances"."request_id" is not null;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "policies_workspace_slug_unique" ON "policies" USING btree ("workspace_id","slug") WHERE "policies"."workspace_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "policies_slug_unique" ON "policies" USING btree ("slug") WHERE "policies"."workspace_id" is null;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_source_check" CHECK ("policies"."source" in ('app', 'file'));