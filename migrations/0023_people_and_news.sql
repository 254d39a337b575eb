CREATE TABLE "announcement_consents" (
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "announcement_consents_user_id_kind_pk" PRIMARY KEY("user_id","kind"),
	CONSTRAINT "announcement_consents_kind_check" CHECK ("announcement_consents"."kind" in ('launch', 'product'))
);
--> statement-breakpoint
CREATE TABLE "user_pictures" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"image" "bytea" NOT NULL,
	"version" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "user_pictures_image_check" CHECK (octet_length("user_pictures"."image") between 1 and 102400)
);
--> statement-breakpoint
CREATE TABLE "watch_counts" (
	"chain_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "watch_counts_pkey" PRIMARY KEY("chain_id","kind","subject_id","hour")
);
--> statement-breakpoint
CREATE TABLE "watch_networks" (
	"user_id" uuid NOT NULL,
	"network" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "watch_networks_pkey" PRIMARY KEY("user_id","network")
);
--> statement-breakpoint
ALTER TABLE "announcements" DROP CONSTRAINT "announcements_kind_check";--> statement-breakpoint
DROP INDEX "password_resets_user_id_unique";--> statement-breakpoint
ALTER TABLE "links" ADD COLUMN "expiring_told_for" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "links" ADD COLUMN "expired_told_for" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "storage_told_percent" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "watch_refusals" integer DEFAULT 10;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "watch_downloads" integer DEFAULT 200;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "watch_deletions" integer DEFAULT 100;--> statement-breakpoint
ALTER TABLE "announcement_consents" ADD CONSTRAINT "announcement_consents_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_pictures" ADD CONSTRAINT "user_pictures_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "watch_networks" ADD CONSTRAINT "watch_networks_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- What is over is no news.
UPDATE "links" SET "expired_told_for" = "expires_at" WHERE "expires_at" <= now();--> statement-breakpoint
CREATE INDEX "watch_counts_hour_index" ON "watch_counts" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "watch_networks_seen_at_index" ON "watch_networks" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX "links_expiry_index" ON "links" USING btree ("expires_at") WHERE "links"."revoked_at" is null and "links"."expired_told_for" is distinct from "links"."expires_at";--> statement-breakpoint
CREATE INDEX "password_resets_user_id_index" ON "password_resets" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "announcements" ADD CONSTRAINT "announcements_kind_check" CHECK ("announcements"."kind" in ('service', 'billing', 'launch', 'product'));