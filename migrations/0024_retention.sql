CREATE TABLE "retention_settings" (
	"kind" text PRIMARY KEY NOT NULL,
	"days" integer,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"changed_by" uuid,
	CONSTRAINT "retention_settings_days_check" CHECK ("retention_settings"."days" > 0)
);
--> statement-breakpoint
ALTER TABLE "purges" ALTER COLUMN "asked_by" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "retention_settings" ADD CONSTRAINT "retention_settings_changed_by_users_id_fk" FOREIGN KEY ("changed_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
-- Until now nobody deleted what is in the trash by its age. Where people rely on that, it goes on until an operator chooses; a new deployment begins with the default.
INSERT INTO "retention_settings" ("kind", "days", "changed_at") SELECT 'trash', NULL, now() FROM "instance" WHERE "set_up_at" IS NOT NULL;
