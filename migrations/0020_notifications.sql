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
ALTER TABLE "notification_choices" ADD CONSTRAINT "notification_choices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_choices" ADD CONSTRAINT "notification_choices_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_events" ADD CONSTRAINT "notification_events_line_id_notification_lines_id_fk" FOREIGN KEY ("line_id") REFERENCES "public"."notification_lines"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_lines" ADD CONSTRAINT "notification_lines_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_line_id_notification_lines_id_fk" FOREIGN KEY ("line_id") REFERENCES "public"."notification_lines"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notification_choices_workspace_id_index" ON "notification_choices" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "notification_events_subject_id_index" ON "notification_events" USING btree ("subject_id");--> statement-breakpoint
CREATE UNIQUE INDEX "notification_lines_key_unique" ON "notification_lines" USING btree ("key");--> statement-breakpoint
CREATE INDEX "notification_lines_last_at_index" ON "notification_lines" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "notification_lines_workspace_id_index" ON "notification_lines" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "notification_lines_actor_id_index" ON "notification_lines" USING btree ("actor_id");--> statement-breakpoint
CREATE INDEX "notification_lines_place_id_index" ON "notification_lines" USING btree ("place_id");--> statement-breakpoint
CREATE INDEX "notifications_user_id_index" ON "notifications" USING btree ("user_id","at","line_id");--> statement-breakpoint
CREATE INDEX "notifications_unread_index" ON "notifications" USING btree ("user_id","at","line_id") WHERE "notifications"."read_at" is null;