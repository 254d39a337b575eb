CREATE TABLE "passkey_challenges" (
	"challenge" text PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"user_id" uuid,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "passkeys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"credential_id" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"counter" bigint NOT NULL,
	"transports" text[] NOT NULL,
	"name" text NOT NULL,
	"is_backed_up" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "notification_rhythms" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"digest_hour" smallint NOT NULL,
	"quiet_from" smallint,
	"quiet_until" smallint,
	CONSTRAINT "notification_rhythms_hours_check" CHECK ("notification_rhythms"."digest_hour" between 0 and 23 and "notification_rhythms"."quiet_from" between 0 and 23 and "notification_rhythms"."quiet_until" between 0 and 23),
	CONSTRAINT "notification_rhythms_quiet_check" CHECK (("notification_rhythms"."quiet_from" is null) = ("notification_rhythms"."quiet_until" is null))
);
--> statement-breakpoint
CREATE TABLE "notification_stops" (
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "notification_stops_pkey" PRIMARY KEY("user_id","kind")
);
--> statement-breakpoint
ALTER TABLE "notification_choices" DROP CONSTRAINT "notification_choices_channel_check";--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "session_idle_minutes" integer DEFAULT 43200 NOT NULL;--> statement-breakpoint
ALTER TABLE "instance" ADD COLUMN "session_total_minutes" integer;--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "mailed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "mail_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "passkey_challenges" ADD CONSTRAINT "passkey_challenges_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_rhythms" ADD CONSTRAINT "notification_rhythms_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_stops" ADD CONSTRAINT "notification_stops_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "passkey_challenges_user_id_index" ON "passkey_challenges" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "passkey_challenges_expires_at_index" ON "passkey_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "passkeys_credential_id_unique" ON "passkeys" USING btree ("credential_id");--> statement-breakpoint
CREATE INDEX "passkeys_user_id_index" ON "passkeys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "notifications_mail_at_index" ON "notifications" USING btree ("mail_at") WHERE "notifications"."mail_at" is not null;--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_session_idle_minutes_check" CHECK ("instance"."session_idle_minutes" > 0);--> statement-breakpoint
ALTER TABLE "instance" ADD CONSTRAINT "instance_session_total_minutes_check" CHECK ("instance"."session_total_minutes" > 0);--> statement-breakpoint
ALTER TABLE "notification_choices" ADD CONSTRAINT "notification_choices_channel_check" CHECK ("notification_choices"."channel" in ('off', 'app', 'at-once', 'daily', 'weekly'));