CREATE TABLE "registrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"email_key" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "registration" text DEFAULT 'invitation' NOT NULL;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "registration_domains" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "registrations_email_key_unique" ON "registrations" USING btree ("email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "registrations_token_hash_unique" ON "registrations" USING btree ("token_hash");--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_registration_check" CHECK ("instance"."registration" in ('invitation', 'closed', 'domain', 'open'));