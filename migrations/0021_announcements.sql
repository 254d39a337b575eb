CREATE TABLE "announcement_dismissals" (
	"user_id" uuid NOT NULL,
	"announcement_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "announcement_dismissals_user_id_announcement_id_pk" PRIMARY KEY("user_id","announcement_id")
);
--> statement-breakpoint
CREATE TABLE "announcements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"audience" text NOT NULL,
	"audience_workspace_id" uuid,
	"audience_language" text,
	"texts" jsonb NOT NULL,
	"at" timestamp (3) with time zone,
	"banner_days" integer NOT NULL,
	"state" text DEFAULT 'draft' NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"starts_at" timestamp (3) with time zone,
	"queued_to" uuid,
	"queued_at" timestamp (3) with time zone,
	"stopped_at" timestamp (3) with time zone,
	"unmailable" integer DEFAULT 0 NOT NULL,
	"outcome" jsonb,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "announcements_kind_check" CHECK ("announcements"."kind" in ('service', 'billing')),
	CONSTRAINT "announcements_audience_check" CHECK ("announcements"."audience" in ('everyone', 'admins', 'workspace', 'language') and ("announcements"."audience" = 'workspace') = ("announcements"."audience_workspace_id" is not null) and ("announcements"."audience" = 'language') = ("announcements"."audience_language" is not null)),
	CONSTRAINT "announcements_state_check" CHECK ("announcements"."state" in ('draft', 'started', 'stopped') and ("announcements"."state" = 'draft') = ("announcements"."starts_at" is null) and ("announcements"."state" = 'stopped') = ("announcements"."stopped_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "group_id" uuid;--> statement-breakpoint
ALTER TABLE "announcement_dismissals" ADD CONSTRAINT "announcement_dismissals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "announcement_dismissals" ADD CONSTRAINT "announcement_dismissals_announcement_id_announcements_id_fk" FOREIGN KEY ("announcement_id") REFERENCES "public"."announcements"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "announcements" ADD CONSTRAINT "announcements_audience_workspace_id_workspaces_id_fk" FOREIGN KEY ("audience_workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "announcements" ADD CONSTRAINT "announcements_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "announcements_created_at_index" ON "announcements" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "announcements_started_index" ON "announcements" USING btree ("starts_at") WHERE "announcements"."state" = 'started';--> statement-breakpoint
CREATE INDEX "mails_group_id_index" ON "mails" USING btree ("group_id","state") WHERE "mails"."group_id" is not null;